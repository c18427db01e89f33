#!/bin/sh
# Makes footage.mp4, the clip of `ghostcam demo` and `ghostcam bench`: a camera that pans over three photographs (see
# README.md beside this file for their sources). Run it from anywhere; it needs ffmpeg with libx264.
set -eu
here=$(dirname "$(readlink -f "$0")")
photos=$here/../../test/fixtures/photos

# pan PHOTO ZOOM-FROM ZOOM-PER-FRAME: 4 s at 15 frames a second, drifting from left to right.
pan() {
  echo "[$1:v]scale=2560:-2:flags=lanczos,zoompan=z='$2+$3*on':x='(iw-iw/zoom)*on/60':y='(ih-ih/zoom)*$4':d=60:s=640x360:fps=15,setsar=1[v$1]"
}

ffmpeg -nostdin -loglevel error -y \
  -i "$photos/astronaut.png" -i "$photos/chelsea.png" -i "$photos/camera.png" \
  -filter_complex "$(pan 0 1.0 0.002 0.15);$(pan 1 1.1 0.002 0.4);$(pan 2 1.0 0.002 0.45);[v0][v1][v2]concat=n=3" \
  -c:v libx264 -preset veryslow -crf 27 -bf 0 -g 30 -pix_fmt yuv420p -movflags +faststart "$here/footage.mp4"
