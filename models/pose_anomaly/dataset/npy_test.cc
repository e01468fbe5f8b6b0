#include "models/pose_anomaly/dataset/npy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace aislewatch::pose_anomaly {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string Npy(absl::string_view descr, absl::string_view shape, absl::string_view data) {
  const std::string header =
      absl::StrCat("{'descr': '", descr, "', 'fortran_order': False, 'shape': ", shape, ", }\n");
  std::string file("\x93NUMPY\x01\x00", 8);
  file.push_back(static_cast<char>(header.size() & 0xff));
  file.push_back(static_cast<char>(header.size() >> 8));
  return absl::StrCat(file, header, data);
}

std::string Int64s(std::vector<int64_t> values) {
  return std::string(reinterpret_cast<const char*>(values.data()), values.size() * 8);
}

void ExpectRejected(absl::string_view bytes, absl::string_view reason) {
  const auto values = ParseNpyInt64("mask.npy", bytes);
  EXPECT_EQ(values.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(values.status().message()),
              testing::AllOf(HasSubstr("mask.npy"), HasSubstr(std::string(reason))));
}

TEST(NpyTest, ReadsInt64Values) {
  const auto values = ParseNpyInt64("m", Npy("<i8", "(3,)", Int64s({0, 1, -7})));
  ASSERT_TRUE(values.ok()) << values.status();
  EXPECT_THAT(*values, ElementsAre(0, 1, -7));
}

TEST(NpyTest, ReadsEmptyArray) {
  const auto values = ParseNpyInt64("m", Npy("<i8", "(0,)", ""));
  ASSERT_TRUE(values.ok()) << values.status();
  EXPECT_TRUE(values->empty());
}

TEST(NpyTest, RejectsWhatIsNoNumpyFile) { ExpectRejected("{\"a\": 1, \"b\": 2}", "no NumPy file"); }

TEST(NpyTest, RejectsOtherTypes) {
  ExpectRejected(Npy("<f4", "(2,)", Int64s({1})), "dtype");
  ExpectRejected(Npy(">i8", "(1,)", Int64s({1})), "dtype");
}

TEST(NpyTest, RejectsOtherShapes) {
  ExpectRejected(Npy("<i8", "(1, 2)", Int64s({1, 2})), "shape");
  ExpectRejected(Npy("<i8", "()", Int64s({1})), "shape");
  ExpectRejected(Npy("<i8", "(-1,)", Int64s({1})), "shape");
}

TEST(NpyTest, RejectsDataThatContradictTheHeader) {
  ExpectRejected(Npy("<i8", "(3,)", Int64s({0, 1})), "promises 3 values");
  ExpectRejected(Npy("<i8", "(1,)", Int64s({0, 1})), "promises 1 values");
  ExpectRejected(Npy("<i8", "(2305843009213693953,)", Int64s({0})), "promises");
}

TEST(NpyTest, RejectsEveryTruncationOfAGoodFile) {
  const std::string good = Npy("<i8", "(2,)", Int64s({0, 1}));
  for (size_t n = 0; n < good.size(); ++n) {
    EXPECT_FALSE(ParseNpyInt64("m", absl::string_view(good).substr(0, n)).ok()) << n;
  }
}

TEST(NpyTest, NamesTheFileThatIsMissing) {
  const auto content = ReadFile("/nonexistent/file.npy");
  EXPECT_EQ(content.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(content.status().message()), HasSubstr("/nonexistent/file.npy"));
}

}  // namespace
}  // namespace aislewatch::pose_anomaly
