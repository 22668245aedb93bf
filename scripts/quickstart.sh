#!/usr/bin/env bash
# From a fresh machine to a translation you can look at: sets up, builds heed, makes the sample corpus
# (English-Japanese, drawn from a grammar), trains on it, translates, aligns, draws two pages to look at.
# What is done already is skipped; `rm -r runs/quickstart` starts afresh.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

run=runs/quickstart
corpus=$run/corpus
heed=build/heed
layers=(--layers -1)  # links: the heads of the last look at what they translate, those before look around

# stage TITLE FUNCTION: says what begins, runs it, says how long it took.
stage() {
  local began=$SECONDS
  printf '\n== %s\n' "$1"
  "$2"
  printf -- '-- %d s\n' $((SECONDS - began))
}

# Each of these is written last by the command that makes it.
has_corpus() { [[ -e $corpus/train.align ]]; }
is_trained() { tail -n 1 "$run/log.jsonl" 2>/dev/null | grep -q '"event":"stop"'; }

set_up() { scripts/setup.sh; }

build() {
  cmake --preset release --log-level=WARNING
  cmake --build --preset release --target heed --parallel "$(nproc)"
  ln -sfn release/heed build/heed  # another preset may have been linked last
}

make_corpus() {
  if has_corpus; then echo "Already in $corpus"; return; fi
  $heed make-corpus --out "$corpus"
}

train() {
  if is_trained; then echo "Already in $run"; return; fi
  $heed train configs/quickstart.toml --run "$run" --guided-alignment "$corpus/train.align"
}

# exact_matches HYPOTHESES REFERENCES
exact_matches() {
  paste -d '\t' "$1" "$2" | awk -F '\t' '
    $1 == $2 { same++ }
    END { printf "Exact match: %d of %d sentences (%.1f %%)\n", same, NR, 100 * same / NR }'
}

# The two sentences that the grammar keeps out of training.
translate_seeds() {
  $heed translate --model "$run" "$corpus/held.en" -o "$run/held.ja"
  paste -d '\n' "$corpus/held.en" "$run/held.ja"
  exact_matches "$run/held.ja" "$corpus/held.ja"
}

translate_test_set() {
  $heed translate --model "$run" "$corpus/test.en" -o "$run/test.ja"
  exact_matches "$run/test.ja" "$corpus/test.ja"
  $heed evaluate "$run/test.ja" "$corpus/test.ja"
}

align_test_set() {
  local gold=(--gold "$corpus/test.align" -o "$run/test.align")
  printf 'Plain attention: '
  $heed align --model "$run" --method attention "${layers[@]}" "$corpus/test.en" "$corpus/test.ja" "${gold[@]}"
  printf 'Alignment head:  '
  $heed align --model "$run" "$corpus/test.en" "$corpus/test.ja" "${gold[@]}"
}

# Given translations with what each source word did to them; then the search for translations.
draw_pages() {
  head -n 20 "$corpus/test.en" > "$run/page.en"
  head -n 20 "$corpus/test.ja" > "$run/page.ja"
  head -n 20 "$corpus/test.align" > "$run/page.align"
  $heed align --model "$run" "${layers[@]}" "$run/page.en" "$run/page.ja" --gold "$run/page.align" \
    --format html --attribution attention,occlusion,gradient -o "$run/attention.html"
  $heed translate --model "$run" "${layers[@]}" "$corpus/held.en" --view "$run/search.html"
}

# All in a function: bash reads a script as it runs, and this one may be updated meanwhile.
main() {
  stage 'Setting up (Debian packages, LibTorch)' set_up
  stage 'Building heed' build
  mkdir -p "$run"
  stage 'Making the sample corpus' make_corpus
  stage 'Training' train
  stage 'Translating the two sentences that training never saw' translate_seeds
  stage 'Translating 1,000 held-out sentences' translate_test_set
  stage 'Aligning them, and comparing with the true links' align_test_set
  stage 'Drawing pages to look at' draw_pages
  printf '\nDone in %d s. Open these in a browser:\n  %s\n  %s\n' "$SECONDS" \
    "$PWD/$run/attention.html" "$PWD/$run/search.html"
}

main
