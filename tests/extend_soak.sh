#!/bin/sh
# What `extend` promises for whole episodes, on clips that FFmpeg's command line makes: memory that does not grow, sound in
# step, kill -9 at any moment, pipes, odd inputs. Minutes, not seconds: `make extend-soak`.
# Usage: extend_soak.sh BINARY [memory|kill|pipe|odd]... (none: all)
set -u
bench=$(realpath "$1")
shift
parts="${*:-memory kill pipe odd}"
wants() { case " $parts " in *" $1 "*) return 0 ;; *) return 1 ;; esac; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failed=0
say() { echo "$*"; }
bad() { echo "FAILED: $*"; failed=1; }
command -v ffmpeg >/dev/null && command -v ffprobe >/dev/null || { echo "ffmpeg and ffprobe are needed"; exit 1; }
quiet_ffmpeg() { ffmpeg -hide_banner -loglevel error -nostdin -y "$@" </dev/null; }
field() { sed -n "s/.*\"$1\":[[:space:]]*\([0-9.]*\).*/\1/p"; }

# ---- Memory: 10,000 frames against 1,000 ----------------------------------------------------------------------------
quiet_ffmpeg -f lavfi -i testsrc2=s=192x144:r=25:d=40 -f lavfi -i sine=d=40 -c:v libx264 -preset ultrafast -g 50 -pix_fmt yuv420p \
    -c:a aac part.mp4
quiet_ffmpeg -stream_loop 9 -i part.mp4 -c copy episode.mp4
check_memory() {
for clip in part episode; do
    "$bench" extend $clip.mp4 wide_$clip.mp4 --generator mirror --json >$clip.json || bad "$clip"
done
short=$(field peak_mb <part.json) long=$(field peak_mb <episode.json)
say "memory: $(field frames <part.json) frames $short MB, $(field frames <episode.json) frames $long MB," \
    "$(field fps <episode.json) frames/s"
awk "BEGIN { exit !($long <= 1.2 * $short) }" || bad "memory grows: $short to $long MB"
}

# ---- Sound in step: first and last times of both streams, before and after --------------------------------------------
ends() { # ends FILE STREAM: first and last time in seconds
    ffprobe -v error -select_streams "$2" -show_entries packet=pts_time -of csv=p=0 "$1" | tr -d , | sort -n |
        sed -n '1p;$p' | tr '\n' ' '
}
check_sound() {
for clip in part episode; do
    video_in=$(ends $clip.mp4 v) sound_in=$(ends $clip.mp4 a) video_out=$(ends wide_$clip.mp4 v) sound_out=$(ends wide_$clip.mp4 a)
    say "sound of $clip: pictures $video_in-> $video_out sound $sound_in-> $sound_out"
    echo "$video_in $sound_in $video_out $sound_out" | awk '{ for (i = 1; i <= 2; i++) { d = ($(i) - $(i + 2)) - ($(i + 4) - $(i + 6)); if (d > 0.04 || d < -0.04) exit 1 } }' ||
        bad "sound of $clip is out of step"
    a=$(ffprobe -v error -select_streams v -count_packets -show_entries stream=nb_read_packets -of csv=p=0 $clip.mp4)
    b=$(ffprobe -v error -select_streams v -count_packets -show_entries stream=nb_read_packets -of csv=p=0 wide_$clip.mp4)
    [ "$a" = "$b" ] || bad "$clip: $a frames became $b"
done
}
wants memory && check_memory && check_sound

# ---- kill -9 at twenty random moments ---------------------------------------------------------------------------------
check_kills() {
for way in mp4 mkv gif mkv+stabilise; do
    kind=${way%+*}
    set -- part.mp4
    [ $kind = gif ] && set -- part.mp4 --end 300
    [ $way = mkv+stabilise ] && set -- part.mp4 --stabilise
    in=$1
    shift
    rm -rf whole.$kind
    began=$(date +%s%N)
    "$bench" extend "$in" whole.$kind --generator mirror --segment 20 --quiet "$@" || bad "whole.$kind"
    took=$((($(date +%s%N) - began) / 1000000))
    rm -rf cut.$kind cut.$kind.parts
    kills=0 tries=0 resumed=0
    while [ $kills -lt 20 ] && [ $tries -lt 400 ]; do
        tries=$((tries + 1))
        "$bench" extend "$in" cut.$kind --generator mirror --segment 20 --quiet "$@" &
        pid=$!
        sleep "$(od -An -N2 -tu2 /dev/urandom | awk -v took="$took" '{ print took / 1000 * (0.1 + 0.7 * $1 / 65536) }')"
        if kill -9 $pid 2>/dev/null; then kills=$((kills + 1)); fi
        wait $pid 2>/dev/null
        if [ -e cut.$kind ]; then
            cmp -s whole.$kind cut.$kind || bad "$kind: finished after $kills kills, with other bytes"
            rm -rf cut.$kind cut.$kind.parts
        elif [ -e cut.$kind.parts/000000.segment ]; then
            resumed=$((resumed + 1))
        fi
    done
    "$bench" extend "$in" cut.$kind --generator mirror --segment 20 --quiet "$@" || bad "cut.$kind"
    cmp -s whole.$kind cut.$kind && say "kill -9: $way: $kills times, $resumed times with segments to take up: the same bytes" ||
        bad "$kind: other bytes after $kills kills"
    [ ! -e cut.$kind.parts ] || bad "cut.$kind.parts is left"
done
}
wants kill && check_kills

# ---- Pipes: the same pictures as with files, memory that does not grow, a reader that goes away -------------------------
pictures() { ffmpeg -hide_banner -loglevel error -nostdin -i "$1" -an -f framehash -hash md5 - </dev/null | sed '/^#/d; s/.*, *//' | md5sum; }
check_pipes() {
"$bench" extend part.mp4 file.mkv --generator mirror --codec ffv1 --quiet || bad "file.mkv"
for clip in part episode; do
    ffmpeg -v error -nostdin -i $clip.mp4 -f yuv4mpegpipe - </dev/null | "$bench" extend - - --generator mirror 2>said_$clip |
        ffmpeg -v error -y -i - -c:v ffv1 -level 3 pipe_$clip.mkv || bad "pipe of $clip"
    say "pipe: $(tail -1 said_$clip)"
done
[ "$(pictures file.mkv)" = "$(pictures pipe_part.mkv)" ] && say "pipe: the same pictures as from file to file" ||
    bad "a pipe gave other pictures"
short=$(sed -n 's/.*at most \([0-9]*\) MB.*/\1/p' said_part) long=$(sed -n 's/.*at most \([0-9]*\) MB.*/\1/p' said_episode)
awk "BEGIN { exit !($long <= 1.2 * $short) }" || bad "memory grows: $short to $long MB"
{ "$bench" extend part.mp4 - --generator mirror --quiet 2>said; echo $? >code; } | head -c 1000000 >/dev/null
[ "$(cat code)" = 3 ] && [ "$(wc -l <said)" = 1 ] && say "pipe: $(cat said)" || bad "a reader that goes away: exit $(cat code): $(cat said)"
}
wants pipe && check_pipes

# ---- Odd inputs --------------------------------------------------------------------------------------------------------
source="-f lavfi -i testsrc2=s=320x240:r=25:d=2"
try() { # try NAME EXPECTED-EXIT TEXT: extends NAME.* and looks for TEXT in what is said, or in the output's description
    in=$(ls "$1".* | head -1)
    # shellcheck disable=SC2086
    "$bench" extend "$in" "out_$1.mkv" --generator mirror ${4-} >said 2>&1
    code=$?
    [ $code = "$2" ] || bad "$1: exit $code, expected $2: $(cat said)"
    if [ $code = 0 ]; then
        ffprobe -v error -select_streams v -count_frames -show_entries \
            stream=width,height,pix_fmt,sample_aspect_ratio,color_range,color_space,nb_read_frames -of csv=p=0 "out_$1.mkv" >>said
    else
        [ "$(wc -l <said)" = 1 ] || bad "$1: more than one line: $(cat said)"
        [ ! -e "out_$1.mkv" ] || bad "$1: an output in spite of the failure"
    fi
    grep -q -- "$3" said || bad "$1: expected \"$3\", found: $(cat said)"
    say "$1: $(tail -1 said)"
}
check_odd() {
# shellcheck disable=SC2086
{
    quiet_ffmpeg $source -vf "setpts='if(gt(N,10),N+N/3,N)/25/TB'" -vsync vfr -c:v libx264 vfr.mkv
    quiet_ffmpeg -f lavfi -i testsrc=s=321x239:r=25:d=1 -c:v ffv1 -pix_fmt yuv420p odd.mkv
    quiet_ffmpeg $source -c:v libx264 -pix_fmt yuv420p10le ten.mkv
    quiet_ffmpeg $source -c:v libx264 -flags +ildct+ilme -x264opts tff=1 interlaced.mkv
    cp interlaced.mkv whole_frames.mkv
    quiet_ffmpeg -f lavfi -i testsrc2=s=320x240:r=24000/1001:d=2 -vf telecine=pattern=23 -c:v libx264 -flags +ildct+ilme telecined.mkv
    quiet_ffmpeg $source -vf transpose=cclock -c:v libx264 upright.mp4 &&
        quiet_ffmpeg -i upright.mp4 -c copy -metadata:s:v rotate=90 rotated.mp4
    quiet_ffmpeg $source -frames:v 1 -c:v libx264 one.mp4
    printf 'YUV4MPEG2 W320 H240 F25:1 Ip A1:1 C420jpeg\n' >zero.y4m
    quiet_ffmpeg $source -c:v libx264 -movflags +faststart full.mp4 && head -c $(($(stat -c %s full.mp4) / 2)) full.mp4 >chopped.mp4
    quiet_ffmpeg $source -c:v libx264 -an mute.mp4
    quiet_ffmpeg $source -vf pad=428:240:54:0 -c:v libx264 pillar.mp4
    quiet_ffmpeg $source -vf scale=320:180,pad=320:240:0:30,setsar=1 -c:v libx264 letter.mp4
    quiet_ffmpeg $source -vf scale=720:480,setsar=8/9 -c:v mpeg2video -b:v 4M dvd.mpg
    quiet_ffmpeg $source -vf scale=out_range=pc -color_range pc -c:v libx264 -pix_fmt yuv420p -colorspace bt709 full_range.mkv
    quiet_ffmpeg $source -c:v gif animated.gif
    quiet_ffmpeg $source -pix_fmt yuv444p raw.y4m
    quiet_ffmpeg $source -c:v libvpx web.webm
    quiet_ffmpeg -f lavfi -i testsrc2=s=240x320:r=25:d=1 -c:v libx264 portrait.mp4
}
try vfr 0 "428,240"
try odd 0 "odd column"
try ten 0 "yuv420p10le"
try interlaced 3 "found interlaced: give --deinterlace"
try whole_frames 0 "428,240.*,50$" "--deinterlace yes"
try telecined 0 "428,240.*,4[78]$" "--deinterlace film"
try rotated 0 "428,240"
try one 0 "428,240.*,1$"
try zero 3 "expected at least one frame, found none"
try chopped 3 "expected"
try mute 0 "428,240"
try pillar 0 "the picture is 320x240 at 54,0"
try letter 0 "is 16:9"
try dvd 0 "960,480"
try full_range 0 "pc,bt709"
try animated 0 "428,240"
try raw 0 "yuv444p"
try web 0 "428,240"
try portrait 3 "expected a 4:3 or 16:9 picture"
shown() { ffprobe -v error -select_streams v -show_entries packet=pts_time -of csv=p=0 "$1" | sort -n; }
shown vfr.mkv >a && shown out_vfr.mkv >b && cmp -s a b && say "vfr: all $(wc -l <a) times kept" || bad "vfr: other times"
}
wants odd && check_odd

[ $failed = 0 ] && echo "all passed"
exit $failed
