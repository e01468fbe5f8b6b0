#include "models/report/page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "models/report/report_folder.h"

namespace aislewatch::report {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kHostile[] = "</title><script>alert(1)</script>\"'><img src=x onerror=y>";

TEST(PageTest, NothingThatComesFromFilesBecomesMarkup) {
  Table table{kHostile, {{kHostile}}, {{Html(kHostile)}}};
  Html body = Section(
      kHostile, {ToHtml(table), Folded(kHostile, Html(kHostile)), Picture("\xFF\xD8", kHostile)});
  const std::string page =
      Page(kHostile, kHostile, body,
           {kHostile, absl::UnixEpoch(), kHostile, std::string("{\"a\": \"") + kHostile, kHostile});
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, Not(HasSubstr("<img src=x")));
  EXPECT_THAT(page, Not(HasSubstr("\"'>")));
  // The picture is the only image.
  EXPECT_THAT(page, HasSubstr("<img alt=\"&lt;/title&gt;"));
  EXPECT_THAT(page, HasSubstr("src=\"data:image/jpeg;base64,/9g=\""));
}

TEST(PageTest, NeedsNothingFromElsewhere) {
  const std::string page = Page("t", "s", Html(), {"c", absl::UnixEpoch(), "1", "{}", "m"});
  EXPECT_THAT(page, HasSubstr("default-src &#39;none&#39;"));
  for (const char* fetched : {"http://", "https://", "<link", "<script", "@import", "url("}) {
    EXPECT_THAT(page, Not(HasSubstr(fetched)));
  }
}

TEST(PageTest, SaysHowItWasMade) {
  const std::string page =
      Page("t", "s", Html(), {"a b", absl::UnixEpoch(), "7", "{\"x\": 1}", "m"});
  EXPECT_THAT(page, HasSubstr("<time datetime=\"1970-01-01T00:00:00Z\">1970-01-01 00:00 UTC"));
  EXPECT_THAT(page, HasSubstr("<code>a b</code>"));
  EXPECT_THAT(page, HasSubstr("{&quot;x&quot;: 1}"));
}

TEST(TableTest, HasACaptionAndHeadings) {
  const std::string html =
      ToHtml({"By camera", {{"camera"}, {"AUC"}, {"note", true}}, {{"01", "0.7", "good"}}})
          .markup();
  EXPECT_THAT(html, HasSubstr("<caption>By camera</caption>"));
  EXPECT_THAT(html, HasSubstr("<th scope=\"col\">AUC</th>"));
  EXPECT_THAT(html, HasSubstr("<th scope=\"row\">01</th>"));
  EXPECT_THAT(html, HasSubstr("<td class=\"words\">good</td>"));
}

TEST(FigureTextTest, SaysWhereNothingWasMeasured) {
  EXPECT_EQ(FigureText(0.71649), "0.716");
  EXPECT_EQ(FigureText(std::nullopt), "–");
  EXPECT_EQ(IntervalText(ranking::Interval{0.5, 0.75}), "0.500 to 0.750");
  EXPECT_EQ(IntervalText(std::nullopt), "–");
}

class ReportFolderTest : public ::testing::Test {
 protected:
  ReportFolderTest() { std::filesystem::remove_all(root_); }
  ~ReportFolderTest() override { std::filesystem::remove_all(root_); }
  const std::string root_ = ::testing::TempDir() + "/report_folder";
};

TEST_F(ReportFolderTest, IsMadeAndHoldsThePageAlone) {
  const std::string folder = root_ + "/deep/er";
  ASSERT_TRUE(PrepareReportFolder(folder).ok());
  ASSERT_TRUE(WriteReport(folder, "one").ok());
  ASSERT_TRUE(PrepareReportFolder(folder).ok());
  ASSERT_TRUE(WriteReport(folder, "two").ok());
  std::ostringstream text;
  text << std::ifstream(folder + "/index.html").rdbuf();
  EXPECT_EQ(text.str(), "two");
  const auto entries = std::filesystem::directory_iterator(folder);
  EXPECT_EQ(std::distance(begin(entries), end(entries)), 1);
}

TEST_F(ReportFolderTest, AFileInTheWayIsAnErrorThatNamesIt) {
  std::filesystem::create_directories(root_);
  std::ofstream(root_ + "/file") << "x";
  for (const char* path : {"/file", "/file/below"}) {
    const absl::Status status = PrepareReportFolder(root_ + path);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << path;
    EXPECT_THAT(std::string(status.message()), HasSubstr(root_ + path));
    EXPECT_THAT(std::string(status.message()), HasSubstr("--report"));
  }
}

TEST_F(ReportFolderTest, AFolderThatTakesNothingIsAnErrorBeforehand) {
  // Nobody, root included, makes files there.
  const absl::Status status = PrepareReportFolder("/proc/self/fd");
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("cannot write the report into"));
}

}  // namespace
}  // namespace aislewatch::report
