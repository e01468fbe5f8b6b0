// Reads a camera from a real RTSP server (GStreamer's) that is killed and comes back.

#include <cstdlib>
#include <fstream>
#include <functional>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/base/ids.h"
#include "common/capture/opencv_source.h"
#include "common/capture/probe.h"
#include "common/process/child_process.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/ingest/core/source_supervisor.h"

namespace aislewatch::ingest {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(20);
constexpr char kPython[] = "/usr/bin/python3";

bool HasGstreamer() {
  return std::system("/usr/bin/python3 -c \"import gi; gi.require_version('GstRtspServer', "
                     "'1.0'); from gi.repository import GstRtspServer\" 2>/dev/null") == 0;
}

class RtspTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!HasGstreamer()) {
      GTEST_SKIP() << "GStreamer's RTSP server is missing: apt-get install python3-gi "
                      "gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-{base,good,bad,ugly}";
    }
    ASSERT_NO_FATAL_FAILURE(StartServer());
  }
  ~RtspTest() override {
    if (supervisor_ != nullptr) supervisor_->Stop();
    if (thread_.joinable()) thread_.join();
  }

  // On the port that it had before, if it had one.
  void StartServer() {
    const std::string port_file = absl::StrCat(testing::TempDir(), "/rtsp-", NewUuid());
    ChildProcess::Options options;
    options.argv = {kPython,
                    absl::StrCat(std::getenv("AISLEWATCH_SOURCE_DIR"),
                                 "/tests/integration/rtsp/rtsp_server.py"),
                    port_file};
    if (!port_.empty()) options.argv.push_back(port_);
    auto spawned = ChildProcess::Spawn(options);
    ASSERT_TRUE(spawned.ok()) << spawned.status();
    server_ = *std::move(spawned);
    ASSERT_TRUE(Eventually([&] { return static_cast<bool>(std::ifstream(port_file) >> port_); }))
        << "the RTSP server did not start";
  }

  // Whether `condition` holds within kPatience; looks again with every frame and every 50 ms.
  bool Eventually(const std::function<bool()>& condition) {
    const absl::Time deadline = absl::Now() + kPatience;
    while (absl::Now() < deadline) {
      if (condition()) return true;
      absl::MutexLock lock(&mutex_);
      frame_arrived_.WaitWithTimeout(&mutex_, absl::Milliseconds(50));
    }
    return false;
  }

  std::string Url() const { return absl::StrCat("rtsp://127.0.0.1:", port_, "/test"); }
  int frames() {
    absl::MutexLock lock(&mutex_);
    return frames_;
  }

  void StartCamera() {
    SourceOptions source;
    source.open_timeout = source.read_timeout = absl::Seconds(2);
    SupervisorOptions options;
    options.open_timeout = options.read_timeout = absl::Seconds(4);
    options.backoff_min = absl::Milliseconds(200);
    options.backoff_max = absl::Seconds(1);
    supervisor_ = std::make_unique<SourceSupervisor>(
        [url = ParseSourceUrl(Url()).value(), source] { return MakeOpenCvSource(url, source); },
        options,
        [this](CapturedFrame frame) {
          absl::MutexLock lock(&mutex_);
          size_ = frame.image.size();
          ++frames_;
          frame_arrived_.SignalAll();
        },
        [](uint64_t) {});
    thread_ = std::thread([this] { supervisor_->Run(); });
  }

  std::unique_ptr<ChildProcess> server_;
  std::string port_;
  absl::Mutex mutex_;
  absl::CondVar frame_arrived_;
  int frames_ ABSL_GUARDED_BY(mutex_) = 0;
  cv::Size size_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<SourceSupervisor> supervisor_;
  std::thread thread_;
};

TEST_F(RtspTest, APulledPlugIsSurvivedWithoutARestart) {
  StartCamera();
  ASSERT_TRUE(Eventually([&] { return frames() >= 10; }));
  EXPECT_EQ(supervisor_->status().state, SourceState::kOnline);
  {
    absl::MutexLock lock(&mutex_);
    EXPECT_EQ(size_, cv::Size(320, 240));
  }

  server_.reset();  // SIGKILL
  ASSERT_TRUE(Eventually([&] { return supervisor_->status().state == SourceState::kOffline; }));
  EXPECT_THAT(supervisor_->status().error, testing::HasSubstr(Url()));

  const int before = frames();
  ASSERT_NO_FATAL_FAILURE(StartServer());
  ASSERT_TRUE(Eventually([&] { return frames() >= before + 10; }));
  EXPECT_EQ(supervisor_->status().state, SourceState::kOnline);
}

TEST_F(RtspTest, ProbeTellsWhatTheCameraSends) {
  const ProbeReport report = ProbeSource(Url(), absl::Seconds(10));
  ASSERT_TRUE(report.status.ok()) << report.status;
  EXPECT_EQ(report.info.codec, "h264");
  EXPECT_EQ(report.info.size.width, 320);
  EXPECT_GT(report.frames_read, 10);
  EXPECT_NEAR(report.measured_fps, 20, 8);
}

}  // namespace
}  // namespace aislewatch::ingest
