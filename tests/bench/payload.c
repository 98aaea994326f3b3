/* SPDX-License-Identifier: Apache-2.0 */
/* The documents. Numbers of tasks are spread over the 32 digits of an ARN's last part, so that keys come in no order. */
#include "payload.h"

#include <stdint.h>
#include <stdio.h>

#define FIRST_PORT 1024u
#define PORTS (60000u - FIRST_PORT)

static uint64_t spread(uint64_t value)
{
    value = (value ^ (value >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    value = (value ^ (value >> 27)) * UINT64_C(0x94d049bb133111eb);
    return value ^ (value >> 31);
}

void payload_arn(size_t number, char out_arn[PAYLOAD_ARN_MAX])
{
    snprintf(out_arn, PAYLOAD_ARN_MAX, "arn:aws:ecs:us-west-2:123456789012:task/perf/%016llx%016llx",
             (unsigned long long)spread(number + 1), (unsigned long long)number);
}

size_t payload_ports_max(void) { return 2 * PORTS; }

static size_t put_container(const struct payload_shape *shape, unsigned index, size_t number, char *out, size_t room)
{
    char more[256] = "";

    if (shape->ports && index == 0)
        snprintf(more, sizeof(more), ",\"portMappings\":[{\"containerPort\":80,\"hostPort\":%u,\"protocol\":\"%s\"}]",
                 FIRST_PORT + (unsigned)(number % PORTS), number / PORTS % 2 == 0 ? "tcp" : "udp");
    if (index > 0)
        snprintf(more, sizeof(more), ",\"dependsOn\":[{\"containerName\":\"c%u\",\"condition\":\"START\"}]", index);
    return (size_t)snprintf(out, room,
                            "%s{\"name\":\"c%u\",\"image\":\"busybox:latest\",\"essential\":true,\"cpu\":%u,\"memory\":64,"
                            "\"command\":[\"sleep\",\"1000\"],\"environment\":{\"A\":\"1\",\"SOME_LONGER_NAME\":\"some longer value\"}%s}",
                            index > 0 ? "," : "", index + 1, shape->cpu > 0 ? shape->cpu : 10, more);
}

size_t payload_document(const struct payload_shape *shape, size_t number, char out_document[PAYLOAD_MAX])
{
    char arn[PAYLOAD_ARN_MAX];

    payload_arn(number, arn);
    size_t len = (size_t)snprintf(out_document, PAYLOAD_MAX,
                                  "{\"arn\":\"%s\",\"family\":\"perf\",\"version\":\"1\",\"desiredStatus\":\"RUNNING\","
                                  "\"networkMode\":\"bridge\",\"containers\":[",
                                  arn);
    for (unsigned i = 0; i < shape->containers; i++)
        len += put_container(shape, i, number, out_document + len, PAYLOAD_MAX - len);
    return len + (size_t)snprintf(out_document + len, PAYLOAD_MAX - len, "]}");
}

size_t payload_large(char out[DEFINITION_MAX])
{
    size_t len = (size_t)snprintf(out, DEFINITION_MAX, "{\"taskArn\":\"arn:aws:ecs:us-west-2:123456789012:task/shop/0123456789abcdef\",\"family\":\"shop-backend\",\"networkMode\":\"bridge\",\"cpu\":\"2048\","
                                                       "\"memory\":\"4096\",\"containerDefinitions\":[");

    for (unsigned i = 0; i < 10; i++) {
        len += (size_t)snprintf(out + len, DEFINITION_MAX - len,
                                "%s{\"name\":\"service-%u\",\"image\":\"123456789012.dkr.ecr.us-west-2.amazonaws.com/shop/service-%u:1.%u\","
                                "\"cpu\":128,\"memory\":256,\"memoryReservation\":128,\"essential\":%s,"
                                "\"entryPoint\":[\"/bin/sh\",\"-c\"],\"command\":[\"exec /srv/service --listen 0.0.0.0:8080\"],"
                                "\"portMappings\":[{\"containerPort\":8080,\"hostPort\":%u,\"protocol\":\"tcp\"}],\"environment\":[",
                                i > 0 ? "," : "", i, i, i, i == 0 ? "true" : "false", 18080 + i);
        for (unsigned k = 0; k < 9; k++)
            len += (size_t)snprintf(out + len, DEFINITION_MAX - len,
                                    "%s{\"name\":\"SERVICE_SETTING_%u\",\"value\":\"a value of ordinary length, number %u\"}",
                                    k > 0 ? "," : "", k, k);
        len += (size_t)snprintf(out + len, DEFINITION_MAX - len,
                                "],\"healthCheck\":{\"command\":[\"CMD-SHELL\",\"curl -fs localhost:8080/health\"],\"interval\":30,"
                                "\"timeout\":5,\"retries\":3},\"logConfiguration\":{\"logDriver\":\"json-file\",\"options\":"
                                "{\"max-size\":\"10m\",\"max-file\":\"3\"}},\"ulimits\":[{\"name\":\"nofile\",\"softLimit\":65536,"
                                "\"hardLimit\":65536}]}");
    }
    return len + (size_t)snprintf(out + len, DEFINITION_MAX - len, "]}");
}
