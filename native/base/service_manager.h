// Notifications to systemd. Node has no datagram sockets of the Unix domain.
#pragma once

#include <string>

namespace ghostcam {

/// Sends one datagram of the sd_notify(3) protocol, e.g. "READY=1", without waiting. `socket` is the value of
/// NOTIFY_SOCKET: a path, or '@' and a name in Linux's abstract namespace. Returns why it could not be sent;
/// empty when it was.
std::string NotifyServiceManager(const std::string& socket, const std::string& message);

}  // namespace ghostcam
