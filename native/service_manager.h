#pragma once

#include <string>

namespace ghostcam {

/// Sends one datagram of systemd's sd_notify(3) protocol, e.g. "READY=1". `socket` is NOTIFY_SOCKET: a path,
/// or
/// '@' and a name in Linux's abstract namespace. Returns an empty string, or why it could not be sent.
/// Node itself has no datagram sockets of the Unix domain.
std::string NotifyServiceManager(const std::string& socket, const std::string& message);

}  // namespace ghostcam
