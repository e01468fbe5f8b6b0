#include "common/config/yaml/yaml_file.h"

#include <cstdlib>
#include <fstream>

#include "common/config/yaml/suggest.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aislewatch {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr absl::string_view kColours[] = {"red", "green", "blue"};

TEST(YamlFile, ReadsEveryType) {
  auto file = YamlFile::Parse(R"(
name: "aisle 3"
enabled: true
rate: 2.5
count: 7
wait: 1m30s
colour: green
tags: [a, b]
corners: [[0, 0.5], [1, 0.25]]
limits: {low: 1}
items:
  - id: first
  - id: second
)",
                              "t.yaml");
  ASSERT_TRUE(file.ok()) << file.status();
  YamlMap root = file->root();
  EXPECT_EQ(root.String("name"), "aisle 3");
  EXPECT_TRUE(root.Bool("enabled"));
  EXPECT_EQ(root.Number("rate", {0, 10}), 2.5);
  EXPECT_EQ(root.Integer("count", {0, 10}), 7);
  EXPECT_EQ(root.Duration("wait", {}), absl::Seconds(90));
  EXPECT_EQ(root.Choice("colour", kColours), 1u);
  EXPECT_THAT(root.Strings("tags"), ElementsAre("a", "b"));
  EXPECT_THAT(root.Rows("corners", 2, {0, 1}),
              ElementsAre(ElementsAre(0, 0.5), ElementsAre(1, 0.25)));
  EXPECT_EQ(root.Map("limits").Integer("low", {}), 1);
  std::vector<std::string> ids;
  for (YamlMap item : root.Maps("items")) ids.push_back(item.String("id"));
  EXPECT_THAT(ids, ElementsAre("first", "second"));
  EXPECT_TRUE(file->status().ok()) << file->status();
}

TEST(YamlFile, MissingKeysTakeTheirFallbacks) {
  auto file = YamlFile::Parse("", "t.yaml");
  ASSERT_TRUE(file.ok());
  YamlMap root = file->root();
  EXPECT_FALSE(root.Has("name"));
  EXPECT_EQ(root.String("name", "x"), "x");
  EXPECT_TRUE(root.Bool("enabled", true));
  EXPECT_EQ(root.Number("rate", {0, 10}, 3), 3);
  EXPECT_EQ(root.Integer("count", {0, 10}, 4), 4);
  EXPECT_EQ(root.Duration("wait", {}, absl::Seconds(2)), absl::Seconds(2));
  EXPECT_EQ(root.Choice("colour", kColours, 2), 2u);
  EXPECT_THAT(root.Strings("tags"), IsEmpty());
  EXPECT_EQ(root.Map("limits").Integer("low", {}, 5), 5);
  EXPECT_THAT(root.Maps("items"), IsEmpty());
  EXPECT_TRUE(file->status().ok()) << file->status();
}

// What a reader of a small settings file makes of `text`.
std::string ErrorsOf(absl::string_view text) {
  auto file = YamlFile::Parse(text, "shop.yaml");
  if (!file.ok()) return std::string(file.status().message());
  YamlMap root = file->root();
  root.String("name");
  root.Bool("enabled", false);
  root.Number("rate", {0.1, 60}, 10);
  root.Integer("count", {1, 8}, 1);
  root.Duration("wait", {absl::Seconds(1), absl::Minutes(5)}, absl::Seconds(2));
  root.Choice("colour", kColours, 0);
  root.Strings("tags");
  if (root.Has("corners")) root.Rows("corners", 2, {0, 1});
  root.Map("limits").Integer("low", {0}, 0);
  for (YamlMap item : root.Maps("items")) item.String("id");
  return std::string(file->status().message());
}

TEST(YamlFile, ReportsEveryFaultWithItsPlaceAndRemedy) {
  EXPECT_EQ(ErrorsOf(R"(nmae: aisle
enabled: yes
rate: fast
count: 2.5
wait: 10
colour: grene
tags: a
corners: [[0, 2], [0.5], 7]
limits:
  low: -1
  hihg: 2
items:
  - name: x
  - 5
)"),
            R"(shop.yaml:1:1: "name" is missing; add a line "name: ..."
shop.yaml:1:1: unknown key "nmae"; did you mean "name"?
shop.yaml:2:10: "enabled" is "yes"; write true or false
shop.yaml:3:7: "rate" is "fast"; write a number in 0.1..60
shop.yaml:4:8: "count" is "2.5"; write a whole number in 1..8
shop.yaml:5:7: "wait" is "10"; write a duration such as 10s, 500ms or 1h30m, 1s..5m
shop.yaml:6:9: "colour" is "grene"; did you mean "green"?
shop.yaml:7:7: "tags" is "a"; write a list such as [a, b]
shop.yaml:8:11: an entry of "corners" must be a list of 2; write numbers in 0..1
shop.yaml:8:19: an entry of "corners" must be a list of 2; write numbers in 0..1
shop.yaml:8:26: an entry of "corners" must be a list of 2; write numbers in 0..1
shop.yaml:10:8: "low" is "-1"; write a whole number of at least 0
shop.yaml:11:3: unknown key "hihg"; known are: low
shop.yaml:13:5: "id" is missing; add a line "id: ..."
shop.yaml:13:5: unknown key "name"; known are: id
shop.yaml:14:5: an entry of "items" must hold "key: value" lines)");
}

TEST(YamlFile, NamesOneFaultAtATime) {
  const struct {
    absl::string_view text;
    absl::string_view error;
  } kCases[] = {
      {"name: [a]", R"(1:7: "name" is a list; write one text)"},
      {"name: a\nname: b", R"(2:1: "name" is there twice; remove one)"},
      {"name: a\nrate: .nan", R"("rate" is ".nan"; write a number in 0.1..60)"},
      {"name: a\nrate: 1e999", R"("rate" is "1e999")"},
      {"name: a\nrate: 0", R"(write a number in 0.1..60)"},
      {"name: a\nwait: -5s", R"("wait" is "-5s")"},
      {"name: a\nwait: 6m", R"("wait" is "6m")"},
      {"name: a\ncolour: {}", R"("colour" is a mapping; known are: red, green, blue)"},
      {"name: a\nlimits: 3", R"("limits" is "3"; write "key: value" lines under it)"},
      {"name: a\nitems: {id: b}", R"("items" is a mapping; write a list)"},
      {"name: a\nrate:", R"("rate" has no value)"},
      {"- a\n- b", R"(1:1: the file must be a list of "key: value" lines)"},
      {"name: [a", "shop.yaml:"},
      {"name: a\n---\nname: b", "holds 2 documents"},
  };
  for (const auto& c : kCases) EXPECT_THAT(ErrorsOf(c.text), HasSubstr(std::string(c.error)));
}

TEST(YamlFile, SyntaxErrorsNameTheirLine) {
  EXPECT_THAT(ErrorsOf("name: a\nrate: [1,\ncount: }"), HasSubstr("shop.yaml:3:"));
  EXPECT_THAT(ErrorsOf("name: a\nrate: [1,\ncount: }"), HasSubstr("not valid YAML"));
}

TEST(YamlFile, DeepNestingAndSelfReferenceAreFaultsNotCrashes) {
  EXPECT_THAT(ErrorsOf(std::string(100000, '[')), HasSubstr("not valid YAML"));
  EXPECT_THAT(ErrorsOf("name: &a [*a]"), HasSubstr("\"name\" is a list"));
  EXPECT_THAT(ErrorsOf(std::string((1 << 20) + 1, ' ')), HasSubstr("larger than 1 MiB"));
}

TEST(YamlFile, CallersAddTheirOwnFaultsInOrder) {
  auto file = YamlFile::Parse("a: 1\nb: 2\n", "t.yaml");
  ASSERT_TRUE(file.ok());
  YamlMap root = file->root();
  root.AddError("b", "b must not be a + 1");
  root.AddError("a", "a must be even");
  root.AddError("c", "one of c and d is needed");
  EXPECT_EQ(file->status().message(),
            "t.yaml:1:1: one of c and d is needed\nt.yaml:1:4: a must be even\n"
            "t.yaml:2:4: b must not be a + 1");
}

TEST(YamlFile, LoadsFromDiskAndNamesAMissingFile) {
  const std::string path = testing::TempDir() + "/settings.yaml";
  std::ofstream(path) << "name: a\n";
  auto file = YamlFile::Load(path);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->root().String("name"), "a");
  const absl::Status missing = YamlFile::Load(path + ".none").status();
  EXPECT_EQ(missing.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(missing.message()), HasSubstr("settings.yaml.none"));
}

TEST(Suggest, OffersNearWordsElseAll) {
  EXPECT_EQ(Suggest("cooldwon", {"cooldown", "kind"}), "did you mean \"cooldown\"?");
  EXPECT_EQ(Suggest("zzz", {"cooldown", "kind"}), "known are: cooldown, kind");
  EXPECT_EQ(Suggest("x", {}), "nothing may stand here");
  EXPECT_EQ(Suggest(std::string(1 << 20, 'k'), {"kind"}), "known are: kind");
}

}  // namespace
}  // namespace aislewatch
