#!/usr/bin/python3
"""A real RTSP server with a test picture, for tests of what reads cameras.

rtsp_server.py PORT_FILE [PORT]: serves rtsp://127.0.0.1:PORT/test; without PORT it takes a free one
and writes it into PORT_FILE once it can be reached. Needs GStreamer's RTSP server from Debian:
gir1.2-gst-rtsp-server-1.0 python3-gi gstreamer1.0-plugins-{base,good,bad,ugly}.
"""
import os
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

Gst.init(None)
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service(sys.argv[2] if len(sys.argv) > 2 else "0")
factory = GstRtspServer.RTSPMediaFactory()
factory.set_launch(
    "( videotestsrc is-live=true ! video/x-raw,width=320,height=240,framerate=20/1"
    " ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=10"
    " ! rtph264pay name=pay0 pt=96 config-interval=1 )"
)
factory.set_shared(True)
server.get_mount_points().add_factory("/test", factory)
if server.attach(None) == 0:
    sys.exit("cannot listen on port " + server.get_service())
# Renamed into place, so that nobody reads half a number.
with open(sys.argv[1] + ".new", "w") as file:
    file.write(str(server.get_bound_port()))
os.rename(sys.argv[1] + ".new", sys.argv[1])
GLib.MainLoop().run()
