"""An RTSP camera for tests: digest authentication, RTP over TCP and UDP, as gst-rtsp-server speaks it.

It repeats the H.264 RTP stream that arrives on a local UDP port (from ffmpeg), so that a test can silence the picture
without touching the server. Prints `ready PORT` on standard output, and leaves when standard input closes.
"""

import argparse
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

ROLE = "viewer"

PIPELINE = (
    "( udpsrc address=127.0.0.1 port={feed_port} buffer-size=1048576 "
    'caps="application/x-rtp,media=video,encoding-name=H264,clock-rate=90000,payload=96" '
    "! rtpjitterbuffer latency=50 ! rtph264depay ! h264parse config-interval=-1 ! rtph264pay name=pay0 pt=96 )"
)


class Factory(GstRtspServer.RTSPMediaFactory):
    """One picture for all viewers, by whatever address each of them has reached the server, as a camera has it."""

    def do_gen_key(self, url: GstRtsp.RTSPUrl) -> str:
        return url.abspath


def make_server(arguments: argparse.Namespace) -> GstRtspServer.RTSPServer:
    """The server, not yet attached to a main loop."""
    factory = Factory()
    factory.set_launch(PIPELINE.format(feed_port=arguments.feed_port))
    factory.set_shared(True)
    factory.set_latency(0)
    factory.set_protocols(GstRtsp.RTSPLowerTrans.TCP | GstRtsp.RTSPLowerTrans.UDP)

    auth = GstRtspServer.RTSPAuth()
    auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", ROLE)
    auth.add_digest(arguments.user, arguments.password, token)
    permissions = GstRtspServer.RTSPPermissions()
    for permission in ("media.factory.access", "media.factory.construct"):
        permissions.add_permission_for_role(ROLE, permission, True)
    factory.set_permissions(permissions)

    server = GstRtspServer.RTSPServer()
    server.set_address(arguments.address)
    server.set_service(str(arguments.port))
    server.set_auth(auth)
    server.get_mount_points().add_factory(arguments.path, factory)
    return server


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--address", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    parser.add_argument("--feed-port", type=int, required=True, help="UDP port on which RTP arrives")
    parser.add_argument("--path", default="/stream")
    parser.add_argument("--user", required=True)
    parser.add_argument("--password", required=True)
    arguments = parser.parse_args()

    Gst.init(None)
    loop = GLib.MainLoop()
    server = make_server(arguments)
    if server.attach(None) == 0:
        sys.exit(f"cannot listen on port {arguments.port}")
    GLib.io_add_watch(sys.stdin, GLib.PRIORITY_DEFAULT, GLib.IOCondition.HUP, lambda *_: loop.quit())
    print(f"ready {server.get_bound_port()}", flush=True)
    loop.run()


if __name__ == "__main__":
    main()
