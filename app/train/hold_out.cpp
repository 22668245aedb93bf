#include "app/train/hold_out.h"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <vector>

#include "data/atomic_file.h"
#include "data/hash.h"
#include "data/random.h"

namespace heed {
namespace {

struct PairHashes {
  std::uint64_t src;
  std::uint64_t tgt;
};

/// The numbers of the pairs that have nothing in common with any other.
std::vector<std::size_t> find_unique(const ParallelFiles& files) {
  std::vector<PairHashes> hashes;
  std::unordered_map<std::uint64_t, std::uint32_t> src_counts;
  std::unordered_map<std::uint64_t, std::uint32_t> tgt_counts;
  read_parallel(files, [&](SentencePair&& pair) {
    hashes.push_back({fnv1a_64(pair.src), fnv1a_64(pair.tgt)});
    ++src_counts[hashes.back().src];
    ++tgt_counts[hashes.back().tgt];
  });
  std::vector<std::size_t> unique;
  for (std::size_t i = 0; i < hashes.size(); ++i)
    if (src_counts[hashes[i].src] == 1 && tgt_counts[hashes[i].tgt] == 1) unique.push_back(i);
  return unique;
}

/// Two files of a side each.
class PairFiles {
 public:
  PairFiles(const std::filesystem::path& folder, const std::string& name)
      : src_path_(folder / (name + ".src")),
        tgt_path_(folder / (name + ".tgt")),
        src_(src_path_),
        tgt_(tgt_path_) {}

  void add(const SentencePair& pair) {
    src_.stream() << pair.src << '\n';
    tgt_.stream() << pair.tgt << '\n';
  }

  ParallelFiles commit() {
    src_.commit();
    tgt_.commit();
    return {{src_path_}, {tgt_path_}, {}};
  }

 private:
  std::filesystem::path src_path_, tgt_path_;
  AtomicFile src_, tgt_;
};

}  // namespace

HeldOut hold_out(const ParallelFiles& files, std::size_t pairs, std::uint64_t seed,
                 const std::filesystem::path& folder) {
  std::vector<std::size_t> unique = find_unique(files);
  SplitMix64 random(seed);
  shuffle(std::span(unique), random);
  unique.resize(std::min(pairs, unique.size() / 2));
  const std::set<std::size_t> chosen(unique.begin(), unique.end());
  PairFiles train(folder, "train");
  PairFiles dev(folder, "dev");
  std::size_t number = 0;
  read_parallel(files,
                [&](SentencePair&& pair) { (chosen.contains(number++) ? dev : train).add(pair); });
  return {train.commit(), dev.commit()};
}

}  // namespace heed
