#include "app/train/trainer.h"

#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <new>

#include "tests/support/error_message.h"
#include "tests/support/in_process_training.h"

namespace heed {
namespace {

using ::testing::HasSubstr;

const std::vector<std::string> kShort{"training.max_updates=20", "validation.every=5",
                                      "training.log_every=5", "training.max_skipped=3"};

TEST(Trainer, AnUpdateThatIsNotFiniteIsSkipped) {
  const InProcessTraining training(kShort);
  SpoiltGradients two({4, 5});
  training.train("spoilt", two);
  const auto state = training.state("spoilt");
  EXPECT_EQ(state.at("update"), 20);
  EXPECT_EQ(state.at("skipped_updates"), 2);
  EXPECT_EQ(state.at("skipped_in_a_row"), 0);
  EXPECT_EQ(state.at("rate_scale"), 1.0);
  EXPECT_EQ(training.events("spoilt", "skip").size(), 2U);
  EXPECT_EQ(training.events("spoilt", "update").size(),
            3U);  // none at the fifth, which was skipped
  for (const auto& event : training.events("spoilt", "update"))
    EXPECT_TRUE(event.at("loss").is_number()) << event;
}

TEST(Trainer, SkippingLeavesTheModelAsItWas) {
  const InProcessTraining training({"training.max_updates=5", "training.max_skipped=3"});
  SpoiltGradients last_two({4, 5});
  training.train("spoilt", last_two);
  const InProcessTraining three({"training.max_updates=3"});
  SpoiltGradients none({});
  three.train("three", none);
  EXPECT_EQ(training.toy().weights("spoilt"), three.toy().weights("three"));
  EXPECT_EQ(training.toy().moments("spoilt"), three.toy().moments("three"));
}

TEST(Trainer, ManyInARowGoBackToTheLastGoodCheckpointAtHalfTheRate) {
  const InProcessTraining training(kShort);
  SpoiltGradients three({13, 14, 15});
  training.train("spoilt", three);
  const auto state = training.state("spoilt");
  EXPECT_EQ(state.at("update"), 20);
  EXPECT_EQ(state.at("rate_scale"), 0.5);
  EXPECT_EQ(state.at("skipped_updates"), 3);
  EXPECT_EQ(three.calls(), 15 + 10);  // back to 10
  const auto returns = training.events("spoilt", "return");
  ASSERT_EQ(returns.size(), 1U);
  EXPECT_EQ(returns.front().at("from_update"), 15);
  EXPECT_EQ(returns.front().at("update"), 10);
  EXPECT_EQ(training.events("spoilt", "validation").size(), 4U);
}

TEST(Trainer, WithoutAGoodCheckpointItBeginsAgain) {
  const InProcessTraining training(kShort);
  SpoiltGradients three({2, 3, 4});
  training.train("spoilt", three);
  EXPECT_EQ(training.state("spoilt").at("rate_scale"), 0.5);
  EXPECT_EQ(three.calls(), 4 + 20);
  // As a run at half the rate.
  const InProcessTraining half({"training.max_updates=20", "validation.every=5",
                                "training.log_every=5", "optimizer.learning_rate=0.005"});
  SpoiltGradients none({});
  half.train("half", none);
  EXPECT_EQ(training.toy().weights("spoilt"), half.toy().weights("half"));
}

TEST(Trainer, ACheckpointAmongSkippedUpdatesIsNotReturnedTo) {
  const InProcessTraining training(kShort);
  SpoiltGradients three({9, 10, 11});  // a validation comes between
  training.train("spoilt", three);
  EXPECT_EQ(training.events("spoilt", "return").front().at("update"), 5);
  EXPECT_EQ(training.state("spoilt").at("update"), 20);
}

TEST(Trainer, GivesUpAfterReturningInVain) {
  const InProcessTraining training(kShort);
  std::set<int> all;
  for (int call = 8; call < 100; ++call) all.insert(call);
  SpoiltGradients group(all);
  EXPECT_THAT(error_message([&] { training.train("spoilt", group); }),
              HasSubstr("optimizer.learning_rate"));
  EXPECT_EQ(training.events("spoilt", "return").size(), std::size_t{Trainer::kMaxReturns});
  EXPECT_EQ(training.state("spoilt").at("update"), 5);  // which is whole
}

/// LibTorch's allocator, with a limit on what it gives at once.
class LimitedAllocator : public at::Allocator {
 public:
  LimitedAllocator() : whole_(c10::GetCPUAllocator()) { c10::SetCPUAllocator(this, kPriority); }
  ~LimitedAllocator() override { c10::SetCPUAllocator(whole_, kPriority); }

  at::DataPtr allocate(std::size_t bytes) override {
    if (bytes > limit_) {
      ++refused_;
      throw std::bad_alloc();
    }
    return whole_->allocate(bytes);
  }
  at::DeleterFnPtr raw_deleter() const override { return whole_->raw_deleter(); }
  void copy_data(void* to, const void* from, std::size_t bytes) const override {
    whole_->copy_data(to, from, bytes);
  }

  void limit(std::size_t bytes) { limit_ = bytes; }
  int refused() const { return refused_; }

 private:
  static constexpr std::uint8_t kPriority = 200;
  c10::Allocator* whole_;
  std::atomic<std::size_t> limit_ = std::numeric_limits<std::size_t>::max();
  std::atomic<int> refused_ = 0;
};

const std::vector<std::string> kLargeBatches{"training.max_updates=8", "training.max_tokens=2048",
                                             "training.precision=fp32", "data.max_length=0"};

TEST(Trainer, ABatchWithoutMemoryIsCutSmaller) {
  const InProcessTraining training(kLargeBatches);
  SpoiltGradients none({});
  training.train("whole", none);
  LimitedAllocator allocator;
  allocator.limit(60'000);
  training.train("limited", none);
  EXPECT_GT(allocator.refused(), 0);
  const auto state = training.state("limited");
  EXPECT_EQ(state.at("update"), 8);
  EXPECT_LT(state.at("part_tokens").get<int>(), 1024);
  const auto loss = [&](const char* run) {
    return training.events(run, "validation").back().at("cross_entropy").get<double>();
  };
  EXPECT_NEAR(loss("limited"), loss("whole"), 0.1);  // dropout masks differ
}

TEST(Trainer, WhatDoesNotFitAtAllIsAnError) {
  const InProcessTraining training(kLargeBatches);
  SpoiltGradients none({});
  std::string words;
  for (int word = 0; word < 1000; ++word) words += "ba ";
  for (const char* side : {"train.src", "train.tgt"}) {
    const std::filesystem::path path = training.toy().path() / side;
    write_file(path, read_file(path) + words + "\n");
  }
  LimitedAllocator allocator;
  allocator.limit(60'000);  // the parameters take less, the activations of such a pair more
  EXPECT_THAT(error_message([&] { training.train("run", none); }), HasSubstr("data.max_length"));
}

}  // namespace
}  // namespace heed
