#include "services/ingest/adapters/file_journal.h"

#include <fcntl.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "common/base/ids.h"
#include "common/rpc/convert.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aislewatch::ingest {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class FileJournalTest : public testing::Test {
 protected:
  ~FileJournalTest() override {
    journal_ = nullptr;
    std::filesystem::remove_all(options_.folder);
  }

  FileJournal& Open() {
    journal_ = nullptr;  // Its thread ends before the next one's begins.
    auto opened = FileJournal::Open(options_, metrics_, clock_);
    EXPECT_TRUE(opened.ok()) << opened.status();
    journal_ = *std::move(opened);
    return *journal_;
  }
  // A frame `after` the start, with one person of that id; with nobody where it is 0.
  v1::JudgedFrame Frame(absl::Duration after, uint64_t id) const {
    v1::JudgedFrame frame;
    *frame.mutable_capture_time() = aislewatch::ToProto(start_ + after);
    frame.set_frame_width(640);
    frame.set_frame_height(360);
    if (id == 0) return frame;
    v1::JudgedTrack& track = *frame.add_tracks();
    track.set_track_id(id);
    track.mutable_foot()->set_x(0.25f);
    return frame;
  }
  void Add(absl::Duration after, uint64_t id, const std::string& camera = "cam") {
    journal_->Add(camera, Frame(after, id).SerializeAsString());
  }
  std::vector<v1::JudgedFrame> All(const std::string& camera = "cam",
                                   absl::Time since = absl::InfinitePast()) {
    std::vector<v1::JudgedFrame> frames;
    journal_->Read(camera, since, [&](const v1::JudgedFrame& frame) {
      frames.push_back(frame);
      return true;
    });
    return frames;
  }
  std::vector<uint64_t> Ids(const std::string& camera = "cam",
                            absl::Time since = absl::InfinitePast()) {
    std::vector<uint64_t> ids;
    for (const v1::JudgedFrame& frame : All(camera, since)) {
      ids.push_back(frame.tracks().empty() ? 0 : frame.tracks(0).track_id());
    }
    return ids;
  }
  std::vector<std::filesystem::path> Files(const std::string& camera = "cam") const {
    std::vector<std::filesystem::path> files;
    std::error_code none;
    for (const auto& entry :
         std::filesystem::directory_iterator(options_.folder + "/cam-" + camera, none)) {
      files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    return files;
  }

  const absl::Time start_ = absl::FromUnixSeconds(1700000000);
  JournalOptions options_ = {.folder = absl::StrCat(testing::TempDir(), "/journal-", NewUuid())};
  FakeMetrics metrics_;
  FakeClock clock_{start_};
  std::unique_ptr<FileJournal> journal_;
};

TEST_F(FileJournalTest, GivesFramesBackAsTheyWereInTheirOrder) {
  Open();
  for (uint64_t id = 1; id <= 5; ++id) Add(id * absl::Milliseconds(100), id);
  Add(absl::Seconds(1), 9, "other");
  const std::vector<v1::JudgedFrame> frames = All();
  ASSERT_THAT(frames, SizeIs(5));
  for (uint64_t id = 1; id <= 5; ++id) {
    EXPECT_EQ(frames[id - 1].SerializeAsString(),
              Frame(id * absl::Milliseconds(100), id).SerializeAsString());
  }
  EXPECT_THAT(Ids("other"), ElementsAre(9));
  EXPECT_THAT(Ids("unknown"), IsEmpty());
}

TEST_F(FileJournalTest, ReadsFromATimeOnAndStopsWhenAskedTo) {
  Open();
  for (uint64_t id = 1; id <= 5; ++id) Add(id * absl::Seconds(1), id);
  EXPECT_THAT(Ids("cam", start_ + absl::Seconds(4)), ElementsAre(4, 5));
  int seen = 0;
  journal_->Read("cam", absl::InfinitePast(), [&](const v1::JudgedFrame&) { return ++seen < 2; });
  EXPECT_EQ(seen, 2);
}

TEST_F(FileJournalTest, StretchesWithoutAnybodyAreOneRecord) {
  Open();
  Add(absl::ZeroDuration(), 1);
  for (int i = 1; i <= 100; ++i) Add(i * absl::Milliseconds(100), 0);
  Add(absl::Milliseconds(10'100), 2);
  // A camera that was away for a while, then a single frame.
  Add(absl::Seconds(60), 0);
  const std::vector<v1::JudgedFrame> frames = All();
  ASSERT_THAT(frames, SizeIs(4));
  EXPECT_EQ(frames[1].frames(), 100u);
  EXPECT_EQ(aislewatch::FromProto(frames[1].from_time()), start_ + absl::Milliseconds(100));
  EXPECT_EQ(aislewatch::FromProto(frames[1].capture_time()), start_ + absl::Seconds(10));
  EXPECT_EQ(frames[3].frames(), 1u);
  EXPECT_FALSE(frames[3].has_from_time());
}

TEST_F(FileJournalTest, FramesThatSayMoreThanNobodyStandForThemselves) {
  Open();
  v1::JudgedFrame first = Frame(absl::Milliseconds(100), 0);
  first.set_first(true);
  v1::JudgedFrame blind = Frame(absl::Milliseconds(300), 0);
  blind.add_degraded("pose");
  v1::JudgedFrame last = Frame(absl::Milliseconds(400), 0);
  last.set_last(true);
  journal_->Add("cam", first.SerializeAsString());
  Add(absl::Milliseconds(200), 0);
  journal_->Add("cam", blind.SerializeAsString());
  journal_->Add("cam", last.SerializeAsString());
  const std::vector<v1::JudgedFrame> frames = All();
  ASSERT_THAT(frames, SizeIs(4));
  EXPECT_TRUE(frames[0].first());
  EXPECT_THAT(frames[2].degraded(), ElementsAre("pose"));
  EXPECT_TRUE(frames[3].last());
}

TEST_F(FileJournalTest, ADayOfAnEmptyShopIsSmall) {
  Open();
  for (int minute = 0; minute < 24 * 60; ++minute) {
    for (int i = 0; i < 60; ++i) Add(absl::Minutes(minute) + i * absl::Seconds(1), 0);
    clock_.Advance(absl::Minutes(1));
    journal_->Flush();
  }
  size_t bytes = 0;
  for (const auto& file : Files()) bytes += std::filesystem::file_size(file);
  EXPECT_LT(bytes, 200'000u);
}

TEST_F(FileJournalTest, KeepsWhatItHasOverAReopening) {
  Open();
  Add(absl::Seconds(1), 1);
  Open();
  Add(absl::Seconds(2), 2);
  EXPECT_THAT(Ids(), ElementsAre(1, 2));
  EXPECT_THAT(Files(), SizeIs(2)) << "files are never opened for writing again";
}

// Every length that a crash can leave of the last file.
TEST_F(FileJournalTest, ACrashLosesTheLastBlocksAtMost) {
  Open();
  std::vector<size_t> block_ends;
  for (uint64_t id = 1; id <= 4; ++id) {
    Add(id * absl::Seconds(1), id);
    journal_->Flush();
    block_ends.push_back(std::filesystem::file_size(Files()[0]));
  }
  journal_ = nullptr;
  const std::filesystem::path file = Files()[0];
  std::string whole(block_ends.back(), '\0');
  std::ifstream(file, std::ios::binary).read(whole.data(), static_cast<long>(whole.size()));
  for (size_t size = 0; size <= whole.size(); ++size) {
    std::ofstream(file, std::ios::binary | std::ios::trunc) << whole.substr(0, size);
    Open();
    const size_t blocks = static_cast<size_t>(std::count_if(
        block_ends.begin(), block_ends.end(), [&](size_t end) { return end <= size; }));
    ASSERT_THAT(Ids(), SizeIs(blocks)) << size;
    Add(absl::Seconds(9), 9);
    ASSERT_EQ(Ids().back(), 9u) << size;
    journal_ = nullptr;
    for (const auto& other : Files()) {
      if (other != file) std::filesystem::remove(other);
    }
  }
  EXPECT_EQ(metrics_.Value("aislewatch_ingest_journal_unreadable_files_total"), 0);
}

TEST_F(FileJournalTest, ADamagedFileCostsWhatFollowsInItAndIsCounted) {
  options_.span = absl::Seconds(5);
  Open();
  for (uint64_t id = 1; id <= 3; ++id) {
    Add(id * absl::Seconds(1), id);
    journal_->Flush();
  }
  clock_.Advance(absl::Seconds(10));
  Add(absl::Seconds(11), 4);
  journal_->Flush();
  ASSERT_THAT(Files(), SizeIs(2));
  std::fstream file(Files()[0], std::ios::binary | std::ios::in | std::ios::out);
  const auto size = static_cast<long>(std::filesystem::file_size(Files()[0]));
  file.seekp(size - 3);
  file << "!";
  file.close();
  EXPECT_THAT(Ids(), ElementsAre(1, 2, 4));
  EXPECT_EQ(metrics_.Value("aislewatch_ingest_journal_unreadable_files_total"), 1);
  // Lengths that nobody wrote, and what is no journal at all.
  std::ofstream(Files()[0], std::ios::binary | std::ios::trunc)
      << "AWJ1" << std::string(64, '\xff');
  EXPECT_THAT(Ids(), ElementsAre(4));
  std::ofstream(Files()[0], std::ios::binary | std::ios::trunc) << "something else";
  EXPECT_THAT(Ids(), ElementsAre(4));
}

TEST_F(FileJournalTest, BeginsAFileForEachStretchOfTimeAndForgetsAfterADay) {
  Open();
  for (uint64_t hour = 0; hour < 30; ++hour) {
    Add(absl::Hours(static_cast<int>(hour)), hour + 1);
    journal_->Flush();
    clock_.Advance(absl::Hours(1));
  }
  journal_->Flush();
  EXPECT_THAT(Files(), SizeIs(23)) << "the one of 24 h ago has gone";
  EXPECT_EQ(Ids().front(), 8u);
  EXPECT_EQ(Ids().back(), 30u);
}

TEST_F(FileJournalTest, ForgetsCamerasThatRunNoMore) {
  Open();
  Add(absl::ZeroDuration(), 1);
  journal_->Flush();
  ASSERT_TRUE(std::filesystem::exists(options_.folder + "/cam-cam"));
  journal_ = nullptr;
  clock_.Advance(absl::Hours(25));
  Open();
  EXPECT_FALSE(std::filesystem::exists(options_.folder + "/cam-cam"));
}

TEST_F(FileJournalTest, TakesNoMoreThanItsBoundAndDropsTheOldest) {
  options_.max_bytes = 1 << 20;
  options_.max_waiting_bytes = 64 << 20;
  Open();
  uint64_t random = 1;
  for (int i = 0; i < 200; ++i) {
    v1::JudgedFrame frame = Frame(i * absl::Seconds(1), static_cast<uint64_t>(i) + 1);
    // Incompressible.
    std::string noise;
    for (int k = 0; k < 20'000; ++k) {
      random = random * 6364136223846793005u + 1442695040888963407u;
      noise.push_back(static_cast<char>(random >> 60 | 0x40));
    }
    frame.mutable_tracks(0)->mutable_weapon()->set_class_name(noise);
    journal_->Add("cam", frame.SerializeAsString());
    clock_.Advance(absl::Seconds(1));
    journal_->Flush();
    size_t bytes = 0;
    for (const auto& file : Files()) bytes += std::filesystem::file_size(file);
    ASSERT_LE(bytes, options_.max_bytes + 30'000u) << i;
  }
  const std::vector<uint64_t> ids = Ids();
  ASSERT_THAT(ids, SizeIs(testing::AllOf(testing::Ge(40u), testing::Le(199u))));
  EXPECT_EQ(ids.back(), 200u);
  for (size_t i = 1; i < ids.size(); ++i) EXPECT_EQ(ids[i], ids[i - 1] + 1);
}

TEST_F(FileJournalTest, LosesFramesAndCountsThemRatherThanWaitForTheDisk) {
  options_.max_waiting_bytes = Frame(absl::Seconds(1), 1).ByteSizeLong() * 2;
  Open();
  for (uint64_t id = 1; id <= 5; ++id) Add(id * absl::Seconds(1), id);
  EXPECT_EQ(metrics_.Value("aislewatch_ingest_journal_lost_frames_total"), 3);
  EXPECT_THAT(Ids(), ElementsAre(1, 2));
}

// A limit on the size of files stands in for a full disk.
TEST_F(FileJournalTest, AFullDiskCostsFramesAndNothingElse) {
  Open();
  Add(absl::Seconds(1), 1);
  journal_->Flush();
  const auto size = std::filesystem::file_size(Files()[0]);
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before;
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  rlimit full = before;
  full.rlim_cur = size + 12;
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &full), 0);
  Add(absl::Seconds(2), 2);
  Add(absl::Seconds(3), 3);
  journal_->Flush();
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  EXPECT_EQ(std::filesystem::file_size(Files()[0]), size) << "half a block is taken back";
  EXPECT_EQ(metrics_.Value("aislewatch_ingest_journal_write_errors_total"), 1);
  EXPECT_EQ(metrics_.Value("aislewatch_ingest_journal_lost_frames_total"), 2);
  Add(absl::Seconds(4), 4);
  EXPECT_THAT(Ids(), ElementsAre(1, 4));
}

TEST_F(FileJournalTest, AFolderThatVanishesComesBack) {
  Open();
  Add(absl::Seconds(1), 1);
  journal_->Flush();
  std::filesystem::remove_all(options_.folder);
  clock_.Advance(options_.span);
  Add(absl::Seconds(2), 2);
  EXPECT_THAT(Ids(), ElementsAre(2));
}

TEST_F(FileJournalTest, NamesAFolderThatCannotBe) {
  std::ofstream(options_.folder) << "a file";
  const auto opened = FileJournal::Open(options_, metrics_, clock_);
  EXPECT_EQ(opened.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(opened.status().message()), testing::HasSubstr(options_.folder));
}

TEST_F(FileJournalTest, BytesThatAreNoFrameAreCountedAndLeftOut) {
  Open();
  journal_->Add("cam", "\xff\xff\xff");
  Add(absl::Seconds(1), 1);
  EXPECT_THAT(Ids(), ElementsAre(1));
  EXPECT_EQ(metrics_.Value("aislewatch_ingest_journal_lost_frames_total"), 1);
}

}  // namespace
}  // namespace aislewatch::ingest
