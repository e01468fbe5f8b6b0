#include "common/inference/safetensors.h"

#include <cstring>
#include <filesystem>
#include <fstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "absl/strings/str_cat.h"
#include "common/inference/test_folder.h"

namespace aislewatch {
namespace {

using ::testing::HasSubstr;

// A file with the given header text and tensor bytes; `length` lies about the header where given.
std::vector<uint8_t> FileOf(const std::string& header, size_t data_size,
                            std::optional<uint64_t> length = std::nullopt) {
  std::vector<uint8_t> file(8 + header.size() + data_size, 0);
  const uint64_t claimed = length.value_or(header.size());
  for (size_t i = 0; i < 8; ++i) file[i] = static_cast<uint8_t>(claimed >> (8 * i));
  std::memcpy(file.data() + 8, header.data(), header.size());
  for (size_t i = 0; i < data_size; ++i) file[8 + header.size() + i] = static_cast<uint8_t>(i);
  return file;
}

std::string Entry(const std::string& dtype, const std::string& shape, const std::string& offsets) {
  return absl::StrCat(R"({"dtype":")", dtype, R"(","shape":)", shape, R"(,"data_offsets":)",
                      offsets, "}");
}

std::string FaultOf(const std::vector<uint8_t>& file) {
  const auto content = ParseSafetensors(file);
  EXPECT_EQ(content.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(content.status().message());
}

std::string FaultOf(const std::string& header, size_t data_size) {
  return FaultOf(FileOf(header, data_size));
}

TEST(Safetensors, ReadsTensorsInTheOrderOfTheirBytes) {
  const auto file = FileOf(absl::StrCat(R"({"b":)", Entry("F32", "[2,1]", "[4,12]"), R"(,"a":)",
                                        Entry("I32", "[]", "[0,4]"),
                                        R"(,"__metadata__":{"k":"v"}}  )"),
                           12);
  const auto content = ParseSafetensors(file);
  ASSERT_TRUE(content.ok()) << content.status();
  ASSERT_EQ(content->tensors.size(), 2);
  EXPECT_EQ(content->tensors[0].name, "a");
  EXPECT_EQ(content->tensors[0].dtype, DType::kI32);
  EXPECT_TRUE(content->tensors[0].shape.empty());
  EXPECT_EQ(content->tensors[1].shape, (std::vector<int64_t>{2, 1}));
  EXPECT_EQ(content->tensors[1].data[0], 4);
  EXPECT_EQ(content->metadata.at("k"), "v");
}

TEST(Safetensors, ReadsEmptyTensorsAndAFileWithoutAny) {
  EXPECT_TRUE(ParseSafetensors(FileOf("{}", 0)).ok());
  const auto file = FileOf(absl::StrCat(R"({"e":)", Entry("F64", "[0,7]", "[0,0]"), "}"), 0);
  ASSERT_TRUE(ParseSafetensors(file).ok());
}

TEST(Safetensors, RefusesAFileCutAnywhere) {
  const auto file =
      FileOf(absl::StrCat(R"({"a":)", Entry("F32", "[4]", "[0,16]"), "}"), 16);
  ASSERT_TRUE(ParseSafetensors(file).ok());
  for (size_t n = 0; n < file.size(); ++n) {
    FaultOf(std::vector<uint8_t>(file.begin(), file.begin() + static_cast<int64_t>(n)));
  }
}

TEST(Safetensors, RefusesAHeaderLengthThatLies) {
  EXPECT_THAT(FaultOf(FileOf("{}", 0, 3)), HasSubstr("past the end"));
  EXPECT_THAT(FaultOf(FileOf("{}", 0, ~uint64_t{0})), HasSubstr("above 100000000"));
  EXPECT_THAT(FaultOf(FileOf("{}", 0, 100'000'001)), HasSubstr("above 100000000"));
  EXPECT_THAT(FaultOf(FileOf("{}", 0, 0)), HasSubstr("begin with '{'"));
}

TEST(Safetensors, RefusesAHeaderThatIsNoObject) {
  EXPECT_THAT(FaultOf("{\"a\":", 0), HasSubstr("no JSON object"));
  EXPECT_THAT(FaultOf(" {}", 0), HasSubstr("begin with '{'"));
  EXPECT_THAT(FaultOf("[]", 0), HasSubstr("begin with '{'"));
  EXPECT_THAT(FaultOf("{\"a\":" + std::string(100000, '['), 0), HasSubstr("no JSON object"));
}

TEST(Safetensors, RefusesOffsetsThatLeaveTheFileOverlapOrLeaveHoles) {
  const std::string a = R"({"a":)" + Entry("U8", "[4]", "[0,4]");
  EXPECT_THAT(FaultOf(a + "}", 3), HasSubstr("ends at byte 4 of 3"));
  EXPECT_THAT(FaultOf(a + "}", 5), HasSubstr("1 bytes at its end belong to no tensor"));
  EXPECT_THAT(FaultOf(a + R"(,"b":)" + Entry("U8", "[4]", "[2,6]") + "}", 6),
              HasSubstr("'b' overlaps"));
  EXPECT_THAT(FaultOf(a + R"(,"b":)" + Entry("U8", "[2]", "[6,8]") + "}", 8),
              HasSubstr("'b' leaves a hole of 2 bytes"));
  EXPECT_THAT(FaultOf(R"({"a":)" + Entry("U8", "[0]", "[4,2]") + "}", 8),
              HasSubstr("no rising whole numbers"));
  EXPECT_THAT(FaultOf(R"({"a":)" + Entry("U8", "[4]", "[-4,0]") + "}", 8),
              HasSubstr("no rising whole numbers"));
  EXPECT_THAT(FaultOf(R"({"a":)" + Entry("U8", "[4]", "[0,4,8]") + "}", 8),
              HasSubstr("of two numbers"));
}

TEST(Safetensors, RefusesShapesThatDoNotFitTheBytes) {
  EXPECT_THAT(FaultOf(R"({"a":)" + Entry("F32", "[2]", "[0,4]") + "}", 4), HasSubstr("takes 8"));
  EXPECT_THAT(FaultOf(R"({"a":)" + Entry("F32", "[-1]", "[0,4]") + "}", 4), HasSubstr("side"));
  EXPECT_THAT(FaultOf(R"({"a":)" + Entry("F32", "[1.0]", "[0,4]") + "}", 4), HasSubstr("side"));
  // The product of the sides wraps around to 4 bytes in 64 bits.
  EXPECT_THAT(
      FaultOf(R"({"a":)" + Entry("F32", "[9223372036854775807,9223372036854775807]", "[0,4]") + "}",
              4),
      HasSubstr("beyond any memory"));
}

TEST(Safetensors, RefusesUnknownDtypesAndMalformedEntries) {
  EXPECT_THAT(FaultOf(R"({"a":)" + Entry("F12", "[1]", "[0,4]") + "}", 4),
              HasSubstr("unknown dtype 'F12'"));
  EXPECT_THAT(FaultOf(R"({"a":7})", 0), HasSubstr("'a' is no JSON object"));
  EXPECT_THAT(FaultOf(R"({"a":{}})", 0), HasSubstr("no 'dtype'"));
  EXPECT_THAT(FaultOf(R"({"a":{"dtype":"F32"}})", 0), HasSubstr("no array 'shape'"));
  EXPECT_THAT(FaultOf(R"({"__metadata__":{"k":1}})", 0), HasSubstr("no string"));
}

TEST(Safetensors, RefusesATensorThatIsNamedTwice) {
  const std::string entry = Entry("U8", "[0]", "[0,0]");
  EXPECT_THAT(FaultOf(R"({"a":)" + entry + R"(,"a":)" + entry + "}", 0),
              HasSubstr("'a' is named twice"));
}

TEST(SafetensorsFile, GivesBackWhatWasWritten) {
  const TestFolder folder;
  const std::string path = folder.Path("w.safetensors");
  const std::vector<uint8_t> a = {1, 2, 3}, b = {4, 5, 6, 7};
  const std::vector<TensorView> tensors = {{"a", DType::kU8, {3}, a}, {"b", DType::kF16, {2}, b}};
  ASSERT_TRUE(WriteSafetensors(path, tensors, {{"from", "here"}}).ok());
  const auto file = SafetensorsFile::Open(path);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->metadata().at("from"), "here");
  ASSERT_NE(file->Find("b"), nullptr);
  EXPECT_EQ(file->Find("b")->data, absl::MakeConstSpan(b));
  EXPECT_EQ(file->Find("a")->data, absl::MakeConstSpan(a));
  EXPECT_EQ(file->Find("c"), nullptr);
  // Wider elements lie first, on a multiple of eight bytes.
  EXPECT_EQ(file->tensors()[0].name, "b");
  EXPECT_EQ(reinterpret_cast<uintptr_t>(file->tensors()[0].data.data()) % 8, 0u);
}

TEST(SafetensorsFile, NamesTheFileInErrors) {
  const TestFolder folder;
  const std::string path = folder.Path("short.safetensors");
  std::ofstream(path) << "abc";
  EXPECT_THAT(std::string(SafetensorsFile::Open(path).status().message()), HasSubstr(path));
  EXPECT_EQ(SafetensorsFile::Open(folder.Path("none")).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(SafetensorsFile::Open(folder.path()).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST(WriteSafetensors, RefusesWhatItCouldNotReadBack) {
  const TestFolder folder;
  const std::vector<uint8_t> bytes(4);
  const TensorView good = {"a", DType::kF32, {1}, bytes};
  const TensorView wrong = {"b", DType::kF32, {2}, bytes};
  const TensorView reserved = {"__metadata__", DType::kF32, {1}, bytes};
  const std::string path = folder.Path("w");
  EXPECT_FALSE(WriteSafetensors(path, {good, good}).ok());
  EXPECT_FALSE(WriteSafetensors(path, {wrong}).ok());
  EXPECT_FALSE(WriteSafetensors(path, {reserved}).ok());
  EXPECT_FALSE(std::filesystem::exists(path));
  EXPECT_EQ(WriteSafetensors(folder.Path("no/such/folder"), {good}).code(),
            absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace aislewatch
