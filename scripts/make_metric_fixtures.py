#!/usr/bin/env python3
"""Writes tests/fixtures/metrics/*.json: what sacreBLEU gives for text made here.

    pip install sacrebleu==2.6.0
    scripts/make_metric_fixtures.py

tokenizers.json: strings, the tokens of each tokenizer joined by spaces, the lower-cased string.
corpora.json: small corpora with every score and signature.
paired.json: two systems with intervals and p-values.
The output depends on this file and on the versions of sacreBLEU and Python alone.
"""

import json
import pathlib
import random

from sacrebleu import __version__
from sacrebleu.metrics import BLEU, CHRF
from sacrebleu.metrics.bleu import _get_tokenizer
from sacrebleu.significance import PairedTest

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "tests" / "fixtures" / "metrics"
TOKENIZERS = ("13a", "intl", "char", "none")

HAND_MADE = [
    "", " ", "  \t ", "a", ".", ",", "-", "...", ". . .", "a.", "a..", ".a", "a.b", "1.", "1.a", "a.1", "1.5", "1..5",
    ".5", "5,", "1,000.5", "1, 000", "1,a", "3-4", "3-", "-3", "a-b", "a-", "well-known", "x--y", "1--2", "1.-2",
    "Hello, world!", "It's \"fine\" (really).", "don't", "'quoted'", "U.S.A.", "e.g., this", "$1.50", "50%", "C++", "a/b",
    "user@example.com", "http://example.com/?a=1&b=2", "&quot;x&quot;", "&amp;", "&amp;lt;", "&amp;quot;", "&lt;b&gt;",
    "&apos;", "&AMP;", "<skipped>", "a<skipped>b", "<skip<skipped>ped>", "line-\nbreak", "line\nbreak", "end-\n", "[a]{b}~`^_|\\",
    "«Oui», dit-il…", "„Nein“, sagte er.", "“smart” ‘quotes’", "a–b—c", "¿Qué? ¡Sí!", "10 €", "€10", "5°C", "±3", "2×3", "½.5", "Ⅷ,Ⅸ",
    "１２，３４．５", "１，ａ", "١٢٣٫٤", "१२३,४", "これは、テストです。", "「はい」", "中文，測試。", "한국어 문장.", "हिन्दी।", "עברית־מקף", "العربية، نعم؟",
    "e\u0301te\u0301", "é", "😀", "😀😀!", "👩‍👩‍👧", "🇨🇿", "a\u00a0b", "a\u3000b", "a\u2028b", "a\u2029b", "a\x0bb", "a\x0cb", "a\x1cb\x1db\x1eb\x1fb",
    "a\x85b", "a\u1680b\u2000b\u200ab\u202fb\u205fb", "a\u200bb", "a\ufeffb", "a\u180eb", "a\u00adb", "a\x00b", "a\rb", "a\x7fb",
    "trailing. ", "trailing.\u3000", "trailing.\x1f", "1990.", "1990. ", "\u3000leading", "ODOS", "ΟΔΟΣ", "ΟΔΟΣ.", "Σ", "ΑΣ Σ ΣΑ", "Α\u0301Σ\u0301", "İstanbul", "I\u0307", "STRASSE ẞ",
    "ǅ Ǆ", "ÀÉÎ", "ПРИВЕТ", "Ա", "Ⴀ", "Ⓐ", "𝐀", "𐐀", "Ω K Å", "ﬁ",
]
PIECES = ["a", "B", "ab", "Č", "ß", "Σ", "İ", "日", "本語", "が", "है", "1", "23", "４", "٣", ".", ",", "-", "'", '"', "!", "(", ")", "&amp;", "&lt;", "&quot;",
          "。", "、", "«", "»", "–", "…", "€", "+", "😀", "\u0301", "\u200d", "\u00a0", "\u3000", "\u2028", "\x1c", "\x85", "\t", "\n", "-\n", " ", " ", " ", "½", "·"]

WORDS = {
    "latin": "der die ein Hund Katze läuft springt über Wiese große Straße schnell, heute. 1,000.5 3-4 »ja« (und) nicht Ärger? U.S. don't".split(),
    "greek": "ΟΔΟΣ οδός Και το σπίτι μεγάλο, είναι; Δρόμος. 12,5 «ναι»".split(),
    "japanese": "これ は 日本 語 の 文 です 。 、 「 」 東京 １２ 猫 が 走っ た ました".split(),
    "mixed": "😀 👩‍👩‍👧 e\u0301 हिन्दी नहीं। العربية، ١٢٣ ½ €5 a\u00a0b x\u3000y \u2028 &amp; &lt;b&gt; 3-4 \x1f -".split(" "),
}


def tokenizer_cases():
    rng = random.Random(7)
    texts = HAND_MADE + ["".join(rng.choices(PIECES, k=rng.randint(2, 14))) for _ in range(200)]
    tokenizers = [_get_tokenizer(name)() for name in TOKENIZERS]
    return [{"text": text, "lower": text.lower(),
             **{name: " ".join(tokenize(text.rstrip()).split())
                for name, tokenize in zip(TOKENIZERS, tokenizers)}}
            for text in texts]


def damaged(rng, line, strength):
    words = [word for word in line.split(" ") if rng.random() > strength]
    for i in range(len(words) - 1):
        if rng.random() < strength:
            words[i], words[i + 1] = words[i + 1], words[i]
    return " ".join(words)


def sentences(rng, language, count, longest=14):
    return [" ".join(rng.choices(WORDS[language], k=rng.randint(1, longest))) for _ in range(count)]


def small_corpora():
    rng = random.Random(11)
    for language in WORDS:
        reference = sentences(rng, language, 12)
        yield f"{language}", [damaged(rng, line, 0.2) for line in reference], [reference]
    reference = sentences(rng, "latin", 6)
    more = [[damaged(rng, line, 0.3) for line in reference] for _ in range(2)]
    yield "three references", [damaged(rng, line, 0.2) for line in reference], [reference, *more]
    yield "equal", reference, [reference]
    yield "empty hypotheses", [""] * 6, [reference]
    yield "empty references", reference, [[""] * 6]
    yield "all empty", [""] * 3, [[" "] * 3]
    yield "some empty", ["", reference[1], "", reference[3], reference[4], ""], [[*reference[:4], "", ""]]
    yield "three words each", [" ".join(line.split(" ")[:3]) for line in reference], [reference]
    yield "nothing in common", ["xyz qqq zzz uuu www"] * 2, [["a b c d e", "f g h i j"]]
    yield "no 4-gram in common", ["a b c x d e f", "g h y i"], [["a b c d e f", "g h i"]]
    yield "repeated word", ["the the the the the the the"], [["the cat is on the mat", ], ["there is a cat"]]
    yield "tie of lengths", ["a b c d e"], [["a b c d e f g"], ["a b c"]]
    yield "punctuation words", ["(hi) ... a. 'b' c! -", "x, \u201cy\u201d"], [["(hi) .. a. b' c ! -", "x , \u201cy\u201d"]]
    yield "upper case", [line.upper() for line in reference], [reference]
    long_line = " ".join(rng.choices(WORDS["latin"], k=700))
    yield "long line", [damaged(rng, long_line, 0.1), "kurz"], [[long_line, "kurz."]]


def bleu_result(score):
    return {"score": score.score, "precisions": score.precisions, "brevity_penalty": score.bp,
            "hypothesis_length": score.sys_len, "reference_length": score.ref_len}


def scored(name, hypotheses, references):
    case = {"name": name, "hypotheses": hypotheses, "references": references, "bleu": [], "chrf": []}
    for lowercase in (False, True):
        for tokenizer in TOKENIZERS:
            bleu = BLEU(tokenize=tokenizer, lowercase=lowercase, force=True)
            result = bleu_result(bleu.corpus_score(hypotheses, references))
            case["bleu"].append({"tokenizer": tokenizer, "lowercase": lowercase, **result,
                                 "signature": bleu.get_signature().format()})
        for word_order in (0, 1, 2):
            chrf = CHRF(word_order=word_order, lowercase=lowercase)
            score = chrf.corpus_score(hypotheses, references)
            case["chrf"].append({"word_order": word_order, "lowercase": lowercase, "score": score.score,
                                 "name": score.name, "signature": chrf.get_signature().format()})
    return case


def tested():
    """Two systems on 100 segments, with sacreBLEU's intervals and p-values."""
    rng = random.Random(13)
    reference = sentences(rng, "latin", 100, longest=10)
    first = [damaged(rng, line, 0.12) for line in reference]
    for name, strength in (("close", 0.12), ("apart", 0.17)):
        second = [damaged(rng, line, strength) for line in reference]
        metrics = {"BLEU": BLEU(force=True), "chrF2": CHRF()}
        named = [("Baseline: first", first), ("second", second)]
        _, bootstrap = PairedTest(named, metrics, [reference], "bs", 1000)()
        _, randomized = PairedTest(named, metrics, [reference], "ar", 10000)()
        yield {"name": name, "first": first, "second": second, "references": reference,
               **{metric: {"means": [float(r.mean) for r in bootstrap[metric]],
                           "half_widths": [float(r.ci) for r in bootstrap[metric]],
                           "bootstrap_p": float(bootstrap[metric][1].p_value),
                           "randomization_p": float(randomized[metric][1].p_value)} for metric in metrics}}


def write(name, key, cases):
    lines = ",\n".join(json.dumps(case, ensure_ascii=True, separators=(",", ":")) for case in cases)
    (FOLDER / name).write_text(f'{{"sacrebleu":"{__version__}","{key}":[\n{lines}\n]}}\n', encoding="utf-8")


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    write("tokenizers.json", "cases", tokenizer_cases())
    write("corpora.json", "corpora", [scored(*corpus) for corpus in small_corpora()])
    write("paired.json", "pairs", list(tested()))


if __name__ == "__main__":
    main()
