#!/bin/sh
# corpus.sh PROGRAM FOLDER: small sound files for every target, FOLDER/<target>/, made of what the project has.
set -e
program=$(readlink -f "$1") here=$(cd "$(dirname "$0")/../.." && pwd)
mkdir -p "$2"
cd "$2"
for target in png jpeg video pack manifest safetensors pickle torch_zip torch_legacy h5_weights baseline run rows limits \
    cell command_line; do mkdir -p $target; done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

checkpoints=$here/tests/fixtures/checkpoints
cp "$checkpoints"/*.pt "$checkpoints"/training.ckpt "$checkpoints"/bad/*.pt torch_zip
cp "$checkpoints"/*.pth "$checkpoints"/bad/*.pth torch_legacy
cp "$checkpoints"/*.pkl "$checkpoints"/bad/*.pkl pickle
cp "$checkpoints"/state.h5 h5_weights
cp "$checkpoints"/state.safetensors safetensors
cp "$here"/datasets/manifests/*.json manifest
cp "$here"/src/report/limits.json limits

# Two frames of 32x18 by hand, as raw video; everything else is made from them.
{ printf 'YUV4MPEG2 W32 H18 F24:1 Ip A1:1 C420jpeg\n'
  for luma in 090 220; do
      printf 'FRAME\n'
      head -c 576 /dev/zero | tr '\0' "\\$luma"
      head -c 288 /dev/zero | tr '\0' '\200'
  done; } >"$work/in.y4m"
cp "$work/in.y4m" video
$program dataset build "$work/in.y4m" --width 32 --height 18 --side 4 --split test --out pack/video.h5 --quiet
$program dataset export pack/video.h5 --split all --what truth --out "$work/frames" --quiet
cp "$work"/frames/*.png png
$program dataset build "$work/frames" --width 32 --height 18 --side 4 --split test --out pack/folder.h5 --quiet
mkdir "$work/pairs"
mv "$work/frames" "$work/pairs/wide"
$program dataset export pack/video.h5 --split all --what input --out "$work/pairs/narrow" --quiet
rm "$work"/pairs/*/frames.csv
$program dataset build "$work/pairs" --width 32 --height 18 --side 4 --out pack/pairs.h5 --quiet
$program dataset build toon --shots test=1 --width 32 --height 18 --stride 8 --out pack/tags.h5 --quiet
$program dataset build toon --shots test=1 --flow --width 32 --height 18 --stride 8 --out pack/flow.h5 --quiet
cp pack/tags.h5 h5_weights/newer.h5
first=$(ls "$work"/pairs/wide/*.png | head -1)
$program extend "$first" jpeg/edge.jpg --generator edge --quiet
for kind in mkv mp4 gif; do
    $program extend "$work/in.y4m" "video/mirror.$kind" --generator mirror --quiet
done
$program run --dataset pack/video.h5 --generator black,edge --metric psnr_rgb,flicker_excess --no-timing --no-panels \
    --quiet --out "$work/run"
cp "$work/run/run.json" run
$program gate "$work/run" --rebaseline --why first --baseline baseline/baseline.json --quiet
split -l 1 "$work/run/frames.jsonl" rows/row-
$program run --dataset pack/video.h5 --generator black --metric psnr_rgb,flicker_excess --no-timing --no-panels --shard 1/2 \
    --quiet --out "$work/part"
for file in $(find "$work/part/cells" -name '*.cell'); do cp "$file" cell; done

number=0
sed -n 's/^ganime-bench //p; s/^alias.*//p' "$here/README.md" | sed 's/ *#.*//' | while read -r line; do
    number=$((number + 1))
    printf '%s' "$line" | tr ' ' '\n' >"command_line/$number"
done
