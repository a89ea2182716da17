/* `model info`, `model verify` and `model import`: what is in a checkpoint, whether it is what it should be, and the
 * same in a plain file. */
#ifndef GB_MODEL_INFO_H
#define GB_MODEL_INFO_H

#include <stdbool.h>
#include <stdio.h>

#include "core/status.h"

/* Format, sha256, the net that it fits (or why it fits none), every tensor. Readable tensors of no known net are not an
 * error here. */
gb_status gb_model_info_print(const char *path, bool json, FILE *to, gb_error *err) GB_MUST_CHECK;

/* Builds `net` from the file, strictly; one line (or JSON) of what it is. */
gb_status gb_model_verify(const char *path, const char *net, bool json, FILE *to, gb_error *err) GB_MUST_CHECK;

/* Verifies as gb_model_verify (`net` NULL: told by the tensors) and writes the net's tensors alone, their prefix taken
 * off, as safetensors. */
gb_status gb_model_import(const char *path, const char *net, const char *output, bool half, bool json, FILE *to,
                          gb_error *err) GB_MUST_CHECK;

#endif
