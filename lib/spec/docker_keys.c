/* SPDX-License-Identifier: Apache-2.0 */
/* The members of Docker's container.Config and container.HostConfig (Engine API 1.24 to 1.51), with their kinds in Go. A key that
 * is not here is passed on as it is written. */
#include "spec/docker_keys.h"

#define KEYS(table) .keys = table, .count = sizeof(table) / sizeof((table)[0])

static const struct docker_key health_keys[] = {
    {"Interval", DOCKER_INTEGER, NULL},    {"Retries", DOCKER_INTEGER, NULL}, {"StartInterval", DOCKER_INTEGER, NULL},
    {"StartPeriod", DOCKER_INTEGER, NULL}, {"Test", DOCKER_TEXTS, NULL},      {"Timeout", DOCKER_INTEGER, NULL},
};
static const struct docker_keys health = {KEYS(health_keys)};

static const struct docker_key log_keys[] = {
    {"Config", DOCKER_TEXT_MAP, NULL},
    {"Type", DOCKER_TEXT, NULL},
};
static const struct docker_keys log_config = {KEYS(log_keys)};

static const struct docker_key restart_keys[] = {
    {"MaximumRetryCount", DOCKER_INTEGER, NULL},
    {"Name", DOCKER_TEXT, NULL},
};
static const struct docker_keys restart_policy = {KEYS(restart_keys)};

static const struct docker_key config_keys[] = {
    {"ArgsEscaped", DOCKER_BOOL, NULL},
    {"AttachStderr", DOCKER_BOOL, NULL},
    {"AttachStdin", DOCKER_BOOL, NULL},
    {"AttachStdout", DOCKER_BOOL, NULL},
    {"Cmd", DOCKER_WORDS, NULL},
    {"Domainname", DOCKER_TEXT, NULL},
    {"Entrypoint", DOCKER_WORDS, NULL},
    {"Env", DOCKER_TEXTS, NULL},
    {"ExposedPorts", DOCKER_MAP, NULL},
    {"Healthcheck", DOCKER_STRUCT_POINTER, &health},
    {"Hostname", DOCKER_TEXT, NULL},
    {"Image", DOCKER_TEXT, NULL},
    {"Labels", DOCKER_TEXT_MAP, NULL},
    {"MacAddress", DOCKER_TEXT, NULL},
    {"NetworkDisabled", DOCKER_BOOL, NULL},
    {"OnBuild", DOCKER_TEXTS, NULL},
    {"OpenStdin", DOCKER_BOOL, NULL},
    {"Shell", DOCKER_WORDS, NULL},
    {"StdinOnce", DOCKER_BOOL, NULL},
    {"StopSignal", DOCKER_TEXT, NULL},
    {"StopTimeout", DOCKER_INTEGER_POINTER, NULL},
    {"Tty", DOCKER_BOOL, NULL},
    {"User", DOCKER_TEXT, NULL},
    {"Volumes", DOCKER_MAP, NULL},
    {"WorkingDir", DOCKER_TEXT, NULL},
};
const struct docker_keys docker_config_keys = {KEYS(config_keys)};

static const struct docker_key host_config_keys[] = {
    {"Annotations", DOCKER_TEXT_MAP, NULL},
    {"AutoRemove", DOCKER_BOOL, NULL},
    {"Binds", DOCKER_TEXTS, NULL},
    {"BlkioDeviceReadBps", DOCKER_LIST, NULL},
    {"BlkioDeviceReadIOps", DOCKER_LIST, NULL},
    {"BlkioDeviceWriteBps", DOCKER_LIST, NULL},
    {"BlkioDeviceWriteIOps", DOCKER_LIST, NULL},
    {"BlkioWeight", DOCKER_INTEGER, NULL},
    {"BlkioWeightDevice", DOCKER_LIST, NULL},
    {"CapAdd", DOCKER_WORDS, NULL},
    {"CapDrop", DOCKER_WORDS, NULL},
    {"Cgroup", DOCKER_TEXT, NULL},
    {"CgroupParent", DOCKER_TEXT, NULL},
    {"CgroupnsMode", DOCKER_TEXT, NULL},
    {"ConsoleSize", DOCKER_LIST, NULL},
    {"ContainerIDFile", DOCKER_TEXT, NULL},
    {"CpuCount", DOCKER_INTEGER, NULL},
    {"CpuPercent", DOCKER_INTEGER, NULL},
    {"CpuPeriod", DOCKER_INTEGER, NULL},
    {"CpuQuota", DOCKER_INTEGER, NULL},
    {"CpuRealtimePeriod", DOCKER_INTEGER, NULL},
    {"CpuRealtimeRuntime", DOCKER_INTEGER, NULL},
    {"CpuShares", DOCKER_INTEGER, NULL},
    {"CpusetCpus", DOCKER_TEXT, NULL},
    {"CpusetMems", DOCKER_TEXT, NULL},
    {"DeviceCgroupRules", DOCKER_TEXTS, NULL},
    {"DeviceRequests", DOCKER_LIST, NULL},
    {"Devices", DOCKER_LIST, NULL},
    {"Dns", DOCKER_TEXTS, NULL},
    {"DnsOptions", DOCKER_TEXTS, NULL},
    {"DnsSearch", DOCKER_TEXTS, NULL},
    {"ExtraHosts", DOCKER_TEXTS, NULL},
    {"GroupAdd", DOCKER_TEXTS, NULL},
    {"IOMaximumBandwidth", DOCKER_INTEGER, NULL},
    {"IOMaximumIOps", DOCKER_INTEGER, NULL},
    {"Init", DOCKER_BOOL_POINTER, NULL},
    {"IpcMode", DOCKER_TEXT, NULL},
    {"Isolation", DOCKER_TEXT, NULL},
    {"KernelMemory", DOCKER_INTEGER, NULL},
    {"KernelMemoryTCP", DOCKER_INTEGER, NULL},
    {"Links", DOCKER_TEXTS, NULL},
    {"LogConfig", DOCKER_STRUCT, &log_config},
    {"MaskedPaths", DOCKER_TEXTS, NULL},
    {"Memory", DOCKER_INTEGER, NULL},
    {"MemoryReservation", DOCKER_INTEGER, NULL},
    {"MemorySwap", DOCKER_INTEGER, NULL},
    {"MemorySwappiness", DOCKER_INTEGER_POINTER, NULL},
    {"Mounts", DOCKER_LIST, NULL},
    {"NanoCpus", DOCKER_INTEGER, NULL},
    {"NetworkMode", DOCKER_TEXT, NULL},
    {"OomKillDisable", DOCKER_BOOL_POINTER, NULL},
    {"OomScoreAdj", DOCKER_INTEGER, NULL},
    {"PidMode", DOCKER_TEXT, NULL},
    {"PidsLimit", DOCKER_INTEGER_POINTER, NULL},
    {"PortBindings", DOCKER_MAP, NULL},
    {"Privileged", DOCKER_BOOL, NULL},
    {"PublishAllPorts", DOCKER_BOOL, NULL},
    {"ReadonlyPaths", DOCKER_TEXTS, NULL},
    {"ReadonlyRootfs", DOCKER_BOOL, NULL},
    {"RestartPolicy", DOCKER_STRUCT, &restart_policy},
    {"Runtime", DOCKER_TEXT, NULL},
    {"SecurityOpt", DOCKER_TEXTS, NULL},
    {"ShmSize", DOCKER_INTEGER, NULL},
    {"StorageOpt", DOCKER_TEXT_MAP, NULL},
    {"Sysctls", DOCKER_TEXT_MAP, NULL},
    {"Tmpfs", DOCKER_TEXT_MAP, NULL},
    {"UTSMode", DOCKER_TEXT, NULL},
    {"Ulimits", DOCKER_LIST, NULL},
    {"UsernsMode", DOCKER_TEXT, NULL},
    {"VolumeDriver", DOCKER_TEXT, NULL},
    {"VolumesFrom", DOCKER_TEXTS, NULL},
};
const struct docker_keys docker_host_config_keys = {KEYS(host_config_keys)};
