#!/bin/sh
# emulator.sh PROCESSOR: lets this kernel run programs for another processor (qemu's name: aarch64, arm) by their magic number, which
# a container or a plain virtual machine has not set up. For as long as the machine runs.
set -eu
sh "$(dirname "$0")/../../scripts/apt-install.sh" qemu-user-static arch-test
formats=/proc/sys/fs/binfmt_misc
[ -e $formats/register ] || mount -t binfmt_misc binfmt_misc $formats
[ -e "$formats/qemu-$1" ] || cat "/usr/lib/binfmt.d/qemu-$1.conf" > $formats/register
