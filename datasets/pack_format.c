#include "datasets/pack_format.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void gb_pack_quiet(void)
{
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
}

static hid_t text_type(size_t size)
{
    const hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, size);
    H5Tset_strpad(type, H5T_STR_NULLTERM);
    return type;
}

hid_t gb_pack_tags_type(void)
{
    return text_type(sizeof((gb_shot *)0)->tags);
}

hid_t gb_pack_shot_type(bool packed)
{
    const hid_t type = H5Tcreate(H5T_COMPOUND, sizeof(gb_shot));
    const hid_t clip = text_type(sizeof((gb_shot *)0)->clip), split = text_type(sizeof((gb_shot *)0)->split);
    const hid_t whole = packed ? H5T_STD_I32LE : H5T_NATIVE_INT, real = packed ? H5T_IEEE_F64LE : H5T_NATIVE_DOUBLE;
    herr_t bad = H5Tinsert(type, "clip", HOFFSET(gb_shot, clip), clip);
    bad |= H5Tinsert(type, "split", HOFFSET(gb_shot, split), split);
    bad |= H5Tinsert(type, "first", HOFFSET(gb_shot, first), whole);
    bad |= H5Tinsert(type, "count", HOFFSET(gb_shot, count), whole);
    bad |= H5Tinsert(type, "source_first", HOFFSET(gb_shot, source_first), whole);
    bad |= H5Tinsert(type, "stride", HOFFSET(gb_shot, stride), whole);
    bad |= H5Tinsert(type, "fps", HOFFSET(gb_shot, fps), real);
    if (packed) bad |= H5Tpack(type);
    H5Tclose(clip);
    H5Tclose(split);
    if (bad >= 0) return type;
    H5Tclose(type);
    return -1;
}

static bool is_split(const char *name)
{
    return !strcmp(name, "train") || !strcmp(name, "val") || !strcmp(name, "test");
}

/* Words with one space between. */
static bool are_tags(const char *text, size_t size)
{
    if (!memchr(text, '\0', size)) return false;
    if (!*text) return true;
    char before = ' ';
    for (; *text; before = *text++)
        if (*text == ' ' ? before == ' ' : !strchr("abcdefghijklmnopqrstuvwxyz0123456789-", *text)) return false;
    return before != ' ';
}

gb_status gb_pack_check_shot(const gb_shot *shot, const char *what, gb_error *err)
{
    if (!shot->clip[0] || !memchr(shot->clip, '\0', sizeof shot->clip))
        return gb_fail(err, GB_E_FORMAT, "%s: expected a clip name of 1..%zu bytes in each shot", what,
                       sizeof shot->clip - 1);
    if (!memchr(shot->split, '\0', sizeof shot->split) || !is_split(shot->split))
        return gb_fail(err, GB_E_FORMAT, "%s: shot of \"%s\": expected split train, val or test, found \"%.*s\"",
                       what, shot->clip, (int)sizeof shot->split, shot->split);
    if (shot->source_first < 0 || shot->stride < 1 || !(shot->fps >= 0) || !isfinite(shot->fps))
        return gb_fail(err, GB_E_FORMAT, "%s: shot of \"%s\": expected source_first >= 0, stride >= 1, finite fps, "
                       "found %d, %d and %g", what, shot->clip, shot->source_first, shot->stride, shot->fps);
    if (!are_tags(shot->tags, sizeof shot->tags))
        return gb_fail(err, GB_E_FORMAT, "%s: shot of \"%s\": expected tags of a-z, 0-9 and '-' with one space "
                       "between, found \"%.*s\"", what, shot->clip, (int)sizeof shot->tags, shot->tags);
    return GB_OK;
}

bool gb_pack_flow_is_estimated(const gb_pack_info *info)
{
    return info->has_flow && *info->flow_from && strcmp(info->flow_from, GB_FLOW_EXACT) != 0;
}

void gb_pack_hash_start(gb_sha256 *sha, const gb_pack_info *info)
{
    char line[128];
    const gb_geometry geometry = info->geometry;
    const int size = snprintf(line, sizeof line, "%s %d %d %d %d\n", GB_PACK_FORMAT, geometry.width, geometry.height,
                              geometry.side, info->paired ? 1 : 0);
    gb_sha256_update(sha, line, (size_t)size);
    if (!gb_pack_flow_is_estimated(info)) return;
    gb_sha256_update(sha, info->flow_from, strlen(info->flow_from));
    gb_sha256_update(sha, "\n", 1);
}

void gb_pack_hash_image(gb_sha256 *sha, const gb_image *image)
{
    gb_sha256_update(sha, image->rgb, (size_t)image->width * (size_t)image->height * 3);
}

void gb_pack_hash_flow(gb_sha256 *sha, const int16_t *flow, gb_geometry geometry)
{
    gb_sha256_update(sha, flow, (size_t)geometry.width * (size_t)geometry.height * 2 * sizeof *flow);
}

void gb_pack_hash_shot(gb_sha256 *sha, const gb_shot *shot)
{
    char line[384];
    uint64_t fps;
    memcpy(&fps, &shot->fps, sizeof fps);
    const int size = snprintf(line, sizeof line, "%s\t%s\t%d\t%d\t%d\t%d\t%016llx%s%s\n", shot->clip, shot->split,
                              shot->first, shot->count, shot->source_first, shot->stride, (unsigned long long)fps,
                              *shot->tags ? "\t" : "", shot->tags);
    gb_sha256_update(sha, line, (size_t)size);
}
