#include "simulator/rasterizer.h"

#include <limits>

namespace aislewatch::simulator {
namespace {

constexpr float kNear = 0.15f;

uint8_t ToByte(float value) {
  return static_cast<uint8_t>(std::min(255.0f, std::max(0.0f, value)));
}

float Shade(const Vertex& vertex, const Lighting& light) {
  return light.ambient + light.key_strength * std::max(0.0f, Dot(vertex.normal, light.key)) +
         light.fill_strength * std::max(0.0f, Dot(vertex.normal, light.fill));
}

}  // namespace

Canvas::Canvas(FrameSize size)
    : color_(size.height, size.width, CV_8UC3), inverse_depth_(size.height, size.width, CV_32F) {
  Clear({0, 0, 0});
}

void Canvas::Clear(Color color) {
  color_.setTo(cv::Scalar(color.b, color.g, color.r));
  inverse_depth_.setTo(0);
}

void Canvas::Restore(const Canvas& from, const cv::Rect& area) {
  if (area.empty()) return;
  from.color_(area).copyTo(color_(area));
  from.inverse_depth_(area).copyTo(inverse_depth_(area));
}

float Canvas::DepthAt(int x, int y) const {
  if (x < 0 || y < 0 || x >= color_.cols || y >= color_.rows) {
    return std::numeric_limits<float>::max();
  }
  return 1 / std::max(inverse_depth_.at<float>(y, x), 1e-9f);
}

cv::Rect Canvas::Draw(const Mesh& mesh, const PinholeCamera& camera, const Lighting& lighting) {
  scratch_.clear();
  scratch_.reserve(mesh.vertices().size());
  float left = static_cast<float>(color_.cols), top = static_cast<float>(color_.rows);
  float right = 0, bottom = 0;
  for (const Vertex& vertex : mesh.vertices()) {
    const Projection p = camera.Project(vertex.position);
    const bool faces = Dot(vertex.normal, camera.position() - vertex.position) > 0;
    scratch_.push_back({p.x, p.y, p.depth > kNear ? 1 / p.depth : -1.0f,
                        vertex.color * Shade(vertex, lighting), faces});
    if (p.depth <= kNear) continue;
    left = std::min(left, p.x);
    right = std::max(right, p.x);
    top = std::min(top, p.y);
    bottom = std::max(bottom, p.y);
  }
  for (const auto& [i, j, k] : mesh.triangles()) {
    const ScreenVertex& a = scratch_[i];
    const ScreenVertex& b = scratch_[j];
    const ScreenVertex& c = scratch_[k];
    if (a.inverse_depth < 0 || b.inverse_depth < 0 || c.inverse_depth < 0) continue;
    if (!a.faces_camera && !b.faces_camera && !c.faces_camera) continue;
    FillTriangle(a, b, c);
  }
  if (left >= right || top >= bottom) return {};
  const auto clip = [](float v, int limit) {
    return static_cast<int>(std::clamp(v, 0.0f, static_cast<float>(limit)));
  };
  const cv::Point first(clip(left, color_.cols), clip(top, color_.rows));
  const cv::Point last(clip(right + 2, color_.cols), clip(bottom + 2, color_.rows));
  return cv::Rect(first, last);
}

void Canvas::FillTriangle(const ScreenVertex& a, const ScreenVertex& b, const ScreenVertex& c) {
  const float area = (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
  if (std::abs(area) < 1e-4f) return;
  const auto low = [](float v, int limit) {
    return static_cast<int>(std::clamp(std::ceil(v - 0.5f), 0.0f, static_cast<float>(limit)));
  };
  const int x0 = low(std::min({a.x, b.x, c.x}), color_.cols);
  const int x1 = low(std::max({a.x, b.x, c.x}), color_.cols);
  const int y0 = low(std::min({a.y, b.y, c.y}), color_.rows);
  const int y1 = low(std::max({a.y, b.y, c.y}), color_.rows);
  const float scale = 1 / area;
  // Barycentric weights of b and c, linear in x and y.
  const float wb_dx = (c.y - a.y) * scale, wb_dy = (a.x - c.x) * scale;
  const float wc_dx = (a.y - b.y) * scale, wc_dy = (b.x - a.x) * scale;
  for (int y = y0; y < y1; ++y) {
    const float py = static_cast<float>(y) + 0.5f - a.y;
    float px = static_cast<float>(x0) + 0.5f - a.x;
    float wb = px * wb_dx + py * wb_dy;
    float wc = px * wc_dx + py * wc_dy;
    auto* pixel = color_.ptr<cv::Vec3b>(y) + x0;
    float* depth = inverse_depth_.ptr<float>(y) + x0;
    for (int x = x0; x < x1; ++x, ++pixel, ++depth, wb += wb_dx, wc += wc_dx) {
      const float wa = 1 - wb - wc;
      if (wa < 0 || wb < 0 || wc < 0) continue;
      const float z = wa * a.inverse_depth + wb * b.inverse_depth + wc * c.inverse_depth;
      if (z <= *depth) continue;
      *depth = z;
      (*pixel)[0] = ToByte(wa * a.color.b + wb * b.color.b + wc * c.color.b);
      (*pixel)[1] = ToByte(wa * a.color.g + wb * b.color.g + wc * c.color.g);
      (*pixel)[2] = ToByte(wa * a.color.r + wb * b.color.r + wc * c.color.r);
    }
  }
}

cv::Rect Canvas::DrawShadow(Vec3 centre, Vec3 axis_u, Vec3 axis_v, float strength,
                            const PinholeCamera& camera) {
  // The ellipse's picture is found by the affine map that fits the floor around its centre; the
  // shadow is soft, so that the error of doing so is not seen.
  const Projection o = camera.Project(centre);
  if (o.depth < 0.5f) return {};
  const Projection u = camera.Project(centre + axis_u);
  const Projection v = camera.Project(centre + axis_v);
  const float ux = u.x - o.x, uy = u.y - o.y, vx = v.x - o.x, vy = v.y - o.y;
  const float det = ux * vy - uy * vx;
  if (std::abs(det) < 1e-3f) return {};
  const float rx = std::hypot(ux, vx), ry = std::hypot(uy, vy);
  const cv::Rect area = cv::Rect(static_cast<int>(o.x - rx), static_cast<int>(o.y - ry),
                                 static_cast<int>(2 * rx) + 2, static_cast<int>(2 * ry) + 2) &
                        cv::Rect(0, 0, color_.cols, color_.rows);
  // What stands on the floor is nearer than the floor there and keeps its light.
  const float du = 1 / u.depth - 1 / o.depth, dv = 1 / v.depth - 1 / o.depth;
  for (int y = area.y; y < area.br().y; ++y) {
    auto* row = color_.ptr<cv::Vec3b>(y);
    const float* depth = inverse_depth_.ptr<float>(y);
    for (int x = area.x; x < area.br().x; ++x) {
      const float px = static_cast<float>(x) + 0.5f - o.x, py = static_cast<float>(y) + 0.5f - o.y;
      const float s = (px * vy - py * vx) / det, t = (py * ux - px * uy) / det;
      const float inside = 1 - s * s - t * t;
      if (inside <= 0) continue;
      const float floor = 1 / o.depth + s * du + t * dv;
      if (std::abs(depth[x] - floor) > 0.03f * floor) continue;
      const float keep = 1 - strength * inside;
      for (int channel = 0; channel < 3; ++channel) {
        row[x][channel] = static_cast<uint8_t>(static_cast<float>(row[x][channel]) * keep);
      }
    }
  }
  return area;
}

}  // namespace aislewatch::simulator
