#include "model/info.h"

#include <inttypes.h>

#include "checkpoint/checkpoint.h"
#include "cli/print_json.h"
#include "core/json.h"
#include "model/which.h"

#define MAX_TEXT ((size_t)64 << 20)

static void add_file(cJSON *root, const char *path, const gb_checkpoint_info *info)
{
    gb_json_add_string(root, "file", path);
    gb_json_add_string(root, "format", info->format);
    gb_json_add_number(root, "bytes", (double)info->bytes);
    gb_json_add_string(root, "sha256", info->sha256);
}

static void add_facts(cJSON *root, const gb_model_facts *facts)
{
    gb_json_add_string(root, "net", facts->generator->id);
    gb_json_add_string(root, "prefix", facts->prefix);
    if (facts->params.bottleneck) {
        gb_json_add_number(root, "bottleneck", (double)facts->params.bottleneck);
        gb_json_add_number(root, "kernel_h", facts->params.kernel_h);
        gb_json_add_number(root, "kernel_w", facts->params.kernel_w);
    }
    if (facts->params.width) gb_json_add_number(root, "ngf", (double)facts->params.width);
    if (facts->params.blocks) gb_json_add_number(root, "blocks", facts->params.blocks);
    gb_json_add_number(root, "parameters", (double)facts->cost.parameters);
    gb_json_add_number(root, "gflop", facts->cost.flops * 1e-9);
    gb_json_add_number(root, "width", facts->width);
    gb_json_add_number(root, "height", facts->height);
}

static cJSON *tensor_list(const gb_weights *weights)
{
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; list && i < gb_weights_count(weights); i++) {
        const gb_tensor *tensor = gb_weights_at(weights, i);
        cJSON *item = cJSON_CreateObject(), *shape = cJSON_CreateArray();
        if (!item || !shape) {
            cJSON_Delete(item);
            cJSON_Delete(shape);
            break;
        }
        gb_json_add_string(item, "name", tensor->name);
        for (int d = 0; d < tensor->rank; d++) gb_json_append(shape, cJSON_CreateNumber((double)tensor->dim[d]));
        gb_json_attach(item, "shape", shape);
        cJSON_AddBoolToObject(item, "float", tensor->data != NULL);
        gb_json_append(list, item);
    }
    return list;
}

static void write_tensors(const gb_weights *weights, gb_buffer *text)
{
    for (size_t i = 0; i < gb_weights_count(weights); i++) {
        const gb_tensor *tensor = gb_weights_at(weights, i);
        gb_buffer_printf(text, "  %s (", tensor->name);
        for (int d = 0; d < tensor->rank; d++) gb_buffer_printf(text, "%s%" PRId64, d ? ", " : "", tensor->dim[d]);
        gb_buffer_text(text, tensor->data ? ")\n" : ") not float\n");
    }
}

static gb_status print_info_json(const char *path, const gb_checkpoint_info *info, gb_weights *weights, FILE *to,
                                 gb_error *err)
{
    gb_model_facts facts;
    gb_error why;
    cJSON *root = cJSON_CreateObject(), *tensors = tensor_list(weights);
    add_file(root, path, info);
    if (gb_model_examine(NULL, weights, &facts, &why) == GB_OK) {
        add_facts(root, &facts);
    } else {
        gb_json_add_string(root, "net", NULL);
        gb_json_add_string(root, "why", why.text);
    }
    gb_json_attach(root, "tensors", tensors);
    return gb_print_json(to, root, err);
}

gb_status gb_model_info_print(const char *path, bool json, FILE *to, gb_error *err)
{
    gb_weights *weights = NULL;
    gb_checkpoint_info info;
    gb_model_facts facts;
    gb_error why;
    gb_buffer text, tensors;
    gb_status status;
    gb_buffer_init(&text, MAX_TEXT);
    gb_buffer_init(&tensors, MAX_TEXT);
    GB_GO(gb_checkpoint_read(path, &weights, &info, err));
    if (json) {
        status = print_info_json(path, &info, weights, to, err);
        goto done;
    }
    write_tensors(weights, &tensors); /* before the net takes its own and frees the others */
    gb_buffer_printf(&text, "%s: %s, %llu bytes, sha256 %s\n", path, info.format, info.bytes, info.sha256);
    if (gb_model_examine(NULL, weights, &facts, &why) == GB_OK) {
        gb_model_describe(&facts, &text);
        gb_buffer_printf(&text, "%s%s\n", *facts.prefix ? ", under " : "", facts.prefix);
    } else {
        gb_buffer_printf(&text, "no known net: %s\n", why.text);
    }
    GB_GO(gb_buffer_status(&text, err));
    GB_GO(gb_buffer_status(&tensors, err));
    fprintf(to, "%s%s", text.data, tensors.data ? tensors.data : "");
done:
    gb_buffer_free(&text);
    gb_buffer_free(&tensors);
    gb_weights_free(weights);
    return status;
}

/* Reads the file and holds it to `net`; the caller frees the weights. */
static gb_status read_verified(const char *path, const char *net, gb_weights **weights, gb_checkpoint_info *info,
                               gb_model_facts *facts, gb_error *err)
{
    const gb_generator *known = NULL;
    if (net) GB_TRY(gb_model_which(net, &known, err)); /* before a long read */
    GB_TRY(gb_checkpoint_read(path, weights, info, err));
    return gb_model_examine(net, *weights, facts, err);
}

static gb_status print_verified(const char *path, const gb_checkpoint_info *info, const gb_model_facts *facts,
                                const char *output, bool json, FILE *to, gb_error *err)
{
    if (json) {
        cJSON *root = cJSON_CreateObject();
        add_file(root, path, info);
        add_facts(root, facts);
        if (output) gb_json_add_string(root, "output", output);
        return gb_print_json(to, root, err);
    }
    gb_buffer text;
    gb_buffer_init(&text, 4096);
    gb_model_describe(facts, &text);
    const gb_status status = gb_buffer_status(&text, err);
    if (status == GB_OK)
        fprintf(to, "%s: %s%s%s\n", path, text.data, output ? " -> " : "", output ? output : "");
    gb_buffer_free(&text);
    return status;
}

gb_status gb_model_verify(const char *path, const char *net, bool json, FILE *to, gb_error *err)
{
    gb_weights *weights = NULL;
    gb_checkpoint_info info;
    gb_model_facts facts;
    gb_status status;
    GB_GO(read_verified(path, net, &weights, &info, &facts, err));
    GB_GO(print_verified(path, &info, &facts, NULL, json, to, err));
done:
    gb_weights_free(weights);
    return status;
}

gb_status gb_model_import(const char *path, const char *net, const char *output, bool half, bool json, FILE *to,
                          gb_error *err)
{
    gb_weights *weights = NULL;
    gb_checkpoint_info info;
    gb_model_facts facts;
    gb_status status;
    GB_GO(read_verified(path, net, &weights, &info, &facts, err));
    GB_GO(gb_checkpoint_write_safetensors(output, weights, half, err));
    GB_GO(print_verified(path, &info, &facts, output, json, to, err));
done:
    gb_weights_free(weights);
    return status;
}
