#include "app/align/link_source.h"

#include <gtest/gtest.h>

#include "app/align/align_options.h"

namespace heed {
namespace {

TransformerConfig two_layers() {
  TransformerConfig config;
  config.decoder_layers = 2;
  config.num_heads = 4;
  return config;
}

std::string describe(const AlignerOptions& options,
                     const std::vector<AttentionReading>& readings = {{}}) {
  return describe_link_source(options, readings, two_layers());
}

std::string describe_attention(std::vector<int> layers, std::vector<int> heads) {
  AlignerOptions options;
  options.source = LinkSource::kAttention;
  return describe(options, {{{std::move(layers), std::move(heads)}, LinkStep::kProduce}});
}

TEST(DescribeLinkSource, NamesLayersAndHeads) {
  EXPECT_EQ(describe_attention({0, 1}, {0, 1, 2, 3}), "attention, mean of all heads of all layers");
  EXPECT_EQ(describe_attention({1}, {0, 1, 2, 3}), "attention, mean of all heads of layer 1");
  EXPECT_EQ(describe_attention({0, 1}, {2}), "attention, mean of head 2 of all layers");
  EXPECT_EQ(describe_attention({0}, {0, 3}), "attention, mean of heads 0 3 of layer 0");
  EXPECT_EQ(describe_attention({1}, {2}), "attention, head 2 of layer 1");
}

TEST(DescribeLinkSource, NamesBothDirections) {
  const std::vector<AttentionReading> readings{{{{1}, {2}}, LinkStep::kProduce},
                                               {{{0}, {0, 1, 2, 3}}, LinkStep::kConsume}};
  AlignerOptions options;
  options.source = LinkSource::kAttention;
  options.symmetrization = Symmetrization::kGrowDiag;
  EXPECT_EQ(
      describe(options, readings),
      "attention of both directions, head 2 of layer 1; back: mean of all heads of layer 0, one "
      "step later, grow-diag");
  options = {};
  options.source = LinkSource::kHead;
  EXPECT_EQ(describe(options, readings), "alignment head of both directions");
}

TEST(DescribeLinkSource, NamesTheHeadAndWhatJoinsItsDirections) {
  AlignerOptions options;
  options.source = LinkSource::kHead;
  EXPECT_EQ(describe(options), "alignment head");
  options.symmetrization = Symmetrization::kGrowDiagFinalAnd;
  EXPECT_EQ(describe(options), "alignment head, grow-diag-final-and");
  EXPECT_EQ(with_symmetrization("statistics", Symmetrization::kIntersect), "statistics, intersect");
  EXPECT_EQ(with_symmetrization("statistics", {}), "statistics");
}

TEST(AlignOptionsTest, OnlyPairsOfThePageHaveWhatOnlyAPageShows) {
  AlignOptions options;
  options.format = RecordFormat::kHtml;
  options.page_pairs = 7;
  EXPECT_EQ(options.detailed_pairs(), 7U);
  const AlignerOptions shown = options.aligner_options();
  EXPECT_TRUE(shown.keep_pieces);
  EXPECT_GT(shown.alternatives, 0U);
  const AlignerOptions beyond = options.aligner_options_beyond_page();
  EXPECT_FALSE(beyond.keep_pieces);
  EXPECT_EQ(beyond.alternatives, 0U);
  EXPECT_EQ(beyond.kinds, shown.kinds);  // what heads do is measured over all pairs
}

}  // namespace
}  // namespace heed
