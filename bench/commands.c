/* The table of commands. The first one is also what `ganime-bench --option …` means. */
#include "commands.h"

#define TAKES_RUN                                                                                                    \
    (GB_TAKES(GB_OPT_GENERATOR) | GB_TAKES(GB_OPT_DATASET) | GB_TAKES(GB_OPT_METRIC) | GB_TAKES(GB_OPT_SPLIT) |     \
     GB_TAKES(GB_OPT_LIMIT) | GB_TAKES(GB_OPT_DEVICE) | GB_TAKES(GB_OPT_THREADS) | GB_TAKES(GB_OPT_BATCH) |         \
     GB_TAKES(GB_OPT_OUT) | GB_TAKES(GB_OPT_PROTOCOL) | GB_TAKES(GB_OPT_BATCHNORM) | GB_TAKES(GB_OPT_WEIGHTS) |     \
     GB_TAKES(GB_OPT_WIDTH) | GB_TAKES(GB_OPT_HEIGHT) | GB_TAKES(GB_OPT_SIDE) | GB_TAKES(GB_OPT_NO_TIMING) |        \
     GB_TAKES(GB_OPT_NO_PANELS) | GB_TAKES(GB_OPT_ALL) | GB_TAKES(GB_OPT_JSON) | GB_TAKES(GB_OPT_QUIET) |         \
     GB_TAKES(GB_OPT_EXTERNAL) | GB_TAKES(GB_OPT_EXEC) | GB_TAKES(GB_OPT_EXEC_TIMEOUT) | GB_TAKES(GB_OPT_COMPOSITE) |\
     GB_TAKES(GB_OPT_PRECISION))
#define TAKES_BUILD                                                                                                  \
    (GB_TAKES(GB_OPT_WIDTH) | GB_TAKES(GB_OPT_HEIGHT) | GB_TAKES(GB_OPT_SIDE) | GB_TAKES(GB_OPT_QUIET))
#define TAKES_VERDICT                                                                                                \
    (GB_TAKES(GB_OPT_GENERATOR) | GB_TAKES(GB_OPT_LIMITS) | GB_TAKES(GB_OPT_SPEED) | GB_TAKES(GB_OPT_SUMMARY) |     \
     GB_TAKES(GB_OPT_GITHUB) | GB_TAKES(GB_OPT_JUNIT) | GB_TAKES(GB_OPT_JSON) | GB_TAKES(GB_OPT_QUIET))

const gb_command gb_commands[] = {
    {"run", "", 0, 0,
     TAKES_RUN | GB_TAKES(GB_OPT_RESUME) | GB_TAKES(GB_OPT_SHARD) | GB_TAKES(GB_OPT_CACHE) |
         GB_TAKES(GB_OPT_NO_CACHE) | GB_TAKES(GB_OPT_CACHE_SIZE),
     "runs generators over datasets, scores every frame, writes reports",
     "Everything is selected unless you select. A dataset is a known id or the path of a pack, a video or a folder of "
     "frames. The run's folder gets run.json, frames.jsonl, summary.csv, summary.md, report.html and panels/. A run "
     "that was cut off goes on from its folder's cells/: with --resume, or when it is started again with the same "
     "--out.",
     "  ganime-bench run --limit 48\n"
     "  ganime-bench run --generator mirror,lama-fourier --weights lama-fourier=my.ckpt --dataset episode.mkv\n"
     "  ganime-bench run --generator mirror --external mine=widened/ --exec other='python3 widen.py {in} {out}'\n",
     gb_command_run},
    {"list", "[generators|metrics|datasets|devices|formats]", 0, 1, GB_TAKES(GB_OPT_JSON),
     "what there is, with its state", NULL,
     "  ganime-bench list\n  ganime-bench list datasets --json\n", gb_command_list},
    {"score", "REF TEST", 2, 2,
     GB_TAKES(GB_OPT_METRIC) | GB_TAKES(GB_OPT_DIALECT) | GB_TAKES(GB_OPT_SIDE) | GB_TAKES(GB_OPT_DEVICE) |
         GB_TAKES(GB_OPT_THREADS) | GB_TAKES(GB_OPT_JSON) | GB_TAKES(GB_OPT_QUIET),
     "scores any two images, folders, videos or packs against each other",
     "Folders are paired by sorted name; an unpaired file is an error. No generator is needed.",
     "  ganime-bench score truth.png widened.png --json\n"
     "  ganime-bench score truth/ widened/ --metric lpips_alex_v0.1\n"
     "  ganime-bench score truth.png widened.png --dialect skimage,torchmetrics,ffmpeg\n",
     gb_command_score},
    {"extend", "IN OUT", 2, 2,
     GB_TAKES(GB_OPT_GENERATOR) | GB_TAKES(GB_OPT_WEIGHTS) | GB_TAKES(GB_OPT_COMPARE) | GB_TAKES(GB_OPT_SIDE_BY_SIDE) |
         GB_TAKES(GB_OPT_CROP) | GB_TAKES(GB_OPT_WORK_HEIGHT) | GB_TAKES(GB_OPT_CODEC) | GB_TAKES(GB_OPT_QUALITY) |
         GB_TAKES(GB_OPT_END) | GB_TAKES(GB_OPT_DROP) | GB_TAKES(GB_OPT_SEGMENT) | GB_TAKES(GB_OPT_FPS) |
         GB_TAKES(GB_OPT_PANEL) | GB_TAKES(GB_OPT_DEVICE) | GB_TAKES(GB_OPT_PRECISION) | GB_TAKES(GB_OPT_THREADS) |
         GB_TAKES(GB_OPT_BATCH) | GB_TAKES(GB_OPT_STABILISE) | GB_TAKES(GB_OPT_DEINTERLACE) | GB_TAKES(GB_OPT_FORMAT) |
         GB_TAKES(GB_OPT_JSON) | GB_TAKES(GB_OPT_QUIET),
     "a 4:3 (or 16:9) video, image or folder of images in, 16:9 out",
     "OUT's name says what is written: .mp4 .mov .mkv .webm .y4m .gif .png .jpg, or a folder of PNGs without an "
     "extension. The centre is kept as it was decoded; sound, subtitles, chapters, times and tags are carried over. "
     "Of a 16:9 input the sides are cut and invented again. A job that was cut off goes on from the folder "
     "OUT.parts. - is standard input or output: pictures alone, in one go, nothing to go on from.",
     "  ganime-bench extend episode.mkv wide.mkv --generator lama-fourier --stabilise\n"
     "  ffmpeg -v error -i a.mkv -f yuv4mpegpipe - | ganime-bench extend - - --generator mirror | ffmpeg -i - b.mkv\n"
     "  ganime-bench extend episode.mkv clip.gif --compare edge,lama-fourier --end 48 --panel 144\n",
     gb_command_extend},
    {"model info", "FILE", 1, 1, GB_TAKES(GB_OPT_JSON), "what a checkpoint holds: format, tensors, which net it fits",
     NULL, "  ganime-bench model info checkpoint.pth\n", gb_command_model_info},
    {"model verify", "FILE", 1, 1, GB_TAKES(GB_OPT_NET) | GB_TAKES(GB_OPT_JSON),
     "checks a checkpoint against a net: missing, surplus, misshapen, non-finite tensors", NULL,
     "  ganime-bench model verify lama.ckpt --net lama-fourier\n", gb_command_model_verify},
    {"model import", "FILE OUT", 2, 2, GB_TAKES(GB_OPT_NET) | GB_TAKES(GB_OPT_HALF) | GB_TAKES(GB_OPT_JSON),
     "turns a checkpoint into a safetensors file that holds the net alone", NULL,
     "  ganime-bench model import lama.ckpt models/weights/lama-fourier.safetensors --net lama-fourier --half\n",
     gb_command_model_import},
    {"model fetch", "lpips|lpips-vgg", 1, 1, GB_TAKES(GB_OPT_ARCHIVE) | GB_TAKES(GB_OPT_JSON) | GB_TAKES(GB_OPT_QUIET),
     "fetches published weights, checked by sha256, into the cache (lpips-vgg: for lpips_vgg_v0.1 and for training)",
     NULL,
     "  ganime-bench model fetch lpips\n", gb_command_model_fetch},
    {"model run", "NET", 1, 1,
     GB_TAKES(GB_OPT_WEIGHTS) | GB_TAKES(GB_OPT_INPUT) | GB_TAKES(GB_OPT_OUTPUT) | GB_TAKES(GB_OPT_SIDE) |
         GB_TAKES(GB_OPT_BATCHNORM) | GB_TAKES(GB_OPT_DEVICE) | GB_TAKES(GB_OPT_PRECISION) |
         GB_TAKES(GB_OPT_THREADS) | GB_TAKES(GB_OPT_BATCH) |
         GB_TAKES(GB_OPT_JSON) | GB_TAKES(GB_OPT_QUIET),
     "the raw output of one net on frames in an HDF5 file, not composited", NULL,
     "  ganime-bench model run glcic --weights glcic.pth --input in.h5 --output out.h5\n", gb_command_model_run},
    {"dataset build", "SOURCE", 1, 1,
     TAKES_BUILD | GB_TAKES(GB_OPT_OUT) | GB_TAKES(GB_OPT_SPLIT) | GB_TAKES(GB_OPT_ID) | GB_TAKES(GB_OPT_FIRST) |
         GB_TAKES(GB_OPT_END) | GB_TAKES(GB_OPT_STRIDE) | GB_TAKES(GB_OPT_SHOTS) | GB_TAKES(GB_OPT_DOMAIN) |
         GB_TAKES(GB_OPT_FLOW) | GB_TAKES(GB_OPT_THREADS) | GB_TAKES(GB_OPT_JSON),
     "makes a pack of frame pairs from a video, a folder of frames, a manifest or a drawn show",
     "A folder holds frames, or one folder of frames a clip, or wide/ and narrow/ with pairs by sorted name. "
     "Of a drawn show (toon, toon_b) as many shots as you like can be had. A pack, or a dataset that was fetched, is "
     "copied with its flow (--flow).",
     "  ganime-bench dataset build episode.mkv --out episode.h5 --stride 4\n"
     "  ganime-bench dataset build toon --shots train=200,val=12 --stride 2 --out train.h5\n"
     "  ganime-bench dataset build films/ --domain out --out films.h5\n"
     "  ganime-bench dataset build penny_and_chip --flow --out penny_and_chip.h5\n",
     gb_command_dataset_build},
    {"dataset fetch", "ID", 1, 1, TAKES_BUILD | GB_TAKES(GB_OPT_FROM) | GB_TAKES(GB_OPT_JSON),
     "gets a known dataset's files, checks their sha256, makes its pack in the cache", NULL,
     "  ganime-bench dataset fetch penny_and_chip --from ~/videos\n", gb_command_dataset_fetch},
    {"dataset info", "DATASET", 1, 1, TAKES_BUILD | GB_TAKES(GB_OPT_JSON),
     "what a dataset holds: shots, splits, source, licence", NULL,
     "  ganime-bench dataset info toon\n", gb_command_dataset_info},
    {"dataset detail", "DATASET...", 1, GB_DETAIL_MOST, TAKES_BUILD | GB_TAKES(GB_OPT_SPLIT) | GB_TAKES(GB_OPT_JSON),
     "how much fine line work lies at the seams: each dataset's distribution over its frames",
     "Flat pictures are easy to widen; this says how far one dataset is from another. Default: the test split.",
     "  ganime-bench dataset detail toon penny_and_chip\n", gb_command_dataset_detail},
    {"dataset verify", "DATASET", 1, 1, TAKES_BUILD | GB_TAKES(GB_OPT_JSON),
     "reads every frame of a pack and checks its content hash", NULL,
     "  ganime-bench dataset verify episode.h5\n", gb_command_dataset_verify},
    {"dataset export", "DATASET", 1, 1,
     TAKES_BUILD | GB_TAKES(GB_OPT_OUT) | GB_TAKES(GB_OPT_SPLIT) | GB_TAKES(GB_OPT_LIMIT) | GB_TAKES(GB_OPT_WHAT) |
         GB_TAKES(GB_OPT_JSON),
     "writes a dataset's frames as PNG, for generators outside the program",
     "The files are named <dataset>-<frame>.png; frames.csv beside them says clip, shot and order. Widen each, keep "
     "its name, and give the folder to `run --external NAME=DIR` with the same --split and --limit.",
     "  ganime-bench dataset export toon --limit 48 --out inputs\n"
     "  ganime-bench run --dataset toon --limit 48 --external mine=widened\n", gb_command_dataset_export},
    {"compare", "A [B]", 1, 2, TAKES_VERDICT, "is run B worse than run A, row by row, frame by frame?",
     "A and B are runs' folders or baseline files. With one run, --generator G,H compares H with G within it.\n"
     "exit codes: 0 pass or better, 1 worse, missing or undecided, 3 something failed, 4 not comparable",
     "  ganime-bench compare results/runs/monday results/latest\n"
     "  ganime-bench compare results/latest --generator mirror,lama-fourier\n",
     gb_command_compare},
    {"gate", "[RUN]", 0, 1,
     TAKES_RUN | TAKES_VERDICT | GB_TAKES(GB_OPT_BASELINE) | GB_TAKES(GB_OPT_REBASELINE) | GB_TAKES(GB_OPT_WHY) |
         GB_TAKES(GB_OPT_SELF_TEST) | GB_TAKES(GB_OPT_RESAMPLES),
     "is this run worse than the baseline? (without RUN, the baseline's run is made again)",
     "For CI: only 0 is green. results/gate.md says how it decides.\n"
     "exit codes: 0 pass or better, 1 worse, missing or undecided, 3 something failed, 4 not comparable, 5 no baseline",
     "  ganime-bench gate --rebaseline --why 'first one' --generator mirror --dataset toon\n"
     "  ganime-bench gate --baseline results/baseline.json --summary gate.md --junit gate.xml\n"
     "  ganime-bench gate results/latest --baseline results/baseline.json\n"
     "  ganime-bench gate --self-test --summary self-test.md\n",
     gb_command_gate},
    {"report", "RUN", 1, 1,
     GB_TAKES(GB_OPT_FORMAT) | GB_TAKES(GB_OPT_OUT) | GB_TAKES(GB_OPT_THREADS) | GB_TAKES(GB_OPT_JSON) |
         GB_TAKES(GB_OPT_QUIET),
     "makes any report again from a run's folder, there or in --out DIR", NULL,
     "  ganime-bench report results/latest --format html,md\n"
     "  ganime-bench report results/latest --format png,svg --out paper    # paper/figures/\n", gb_command_report},
    {"perf", "", 0, 0,
     GB_TAKES(GB_OPT_GENERATOR) | GB_TAKES(GB_OPT_METRIC) | GB_TAKES(GB_OPT_DEVICE) | GB_TAKES(GB_OPT_THREADS) |
         GB_TAKES(GB_OPT_WEIGHTS) | GB_TAKES(GB_OPT_WIDTH) | GB_TAKES(GB_OPT_HEIGHT) | GB_TAKES(GB_OPT_SIDE) |
         GB_TAKES(GB_OPT_BATCHNORM) | GB_TAKES(GB_OPT_PRECISION) | GB_TAKES(GB_OPT_BATCH) | GB_TAKES(GB_OPT_PEER) |
         GB_TAKES(GB_OPT_MODEL) | GB_TAKES(GB_OPT_DATASET) | GB_TAKES(GB_OPT_LIMIT) |
         GB_TAKES(GB_OPT_JSON) | GB_TAKES(GB_OPT_QUIET),
     "throughput, latency and share of the machine's roof",
     "With --dataset: what decoding and each metric add to the generators' own time, on its frames (25 unless "
     "--limit says how many).",
     "  ganime-bench perf --generator glcic,lama-fourier\n  ganime-bench perf --model --precision tf32\n"
     "  ganime-bench perf --dataset penny_and_chip --generator ce,glcic,lama-fourier\n"
     "  ganime-bench perf --peer pytorch\n", gb_command_perf},
    {"manual", "", 0, 0, 0, "this program's whole manual page, as roff", NULL, "  ganime-bench manual | man -l -\n",
     gb_command_manual},
    {"completion", "bash|zsh|fish", 1, 1, 0, "completions for a shell, as what it loads", NULL,
     "  ganime-bench completion bash >~/.local/share/bash-completion/completions/ganime-bench\n"
     "  ganime-bench completion fish >~/.config/fish/completions/ganime-bench.fish\n", gb_command_completion},
    {"merge", "RUN...", 1, GB_MAX_ARGUMENTS,
     GB_TAKES(GB_OPT_OUT) | GB_TAKES(GB_OPT_ALLOW_MISSING) | GB_TAKES(GB_OPT_THREADS) | GB_TAKES(GB_OPT_NO_PANELS) |
         GB_TAKES(GB_OPT_JSON) | GB_TAKES(GB_OPT_QUIET),
     "puts the parts of a run (run --shard) together: the same bytes as one run of all",
     "Nothing is scored again. Datasets and weights must be here, for the pictures and to know what belongs together. "
     "Times stay those of each machine, beside each other. Parts of different runs: exit code 4.",
     "  ganime-bench run --limit 96 --shard 1/3 --out part1     # 2/3 and 3/3 elsewhere, or later\n"
     "  ganime-bench merge part1 part2 part3 --out whole\n", gb_command_merge},
    {"cache info", "", 0, 0, GB_TAKES(GB_OPT_JSON), "where the cache of scores is and what it takes",
     "It is used when a run says --cache, or always with $GANIME_SCORE_CACHE=1; $GANIME_CACHE moves it.",
     "  ganime-bench cache info\n", gb_command_cache_info},
    {"cache clear", "", 0, 0, GB_TAKES(GB_OPT_JSON), "empties the cache of scores", NULL,
     "  ganime-bench cache clear\n", gb_command_cache_clear},
    {0},
};
