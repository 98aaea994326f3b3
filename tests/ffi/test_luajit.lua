-- SPDX-License-Identifier: Apache-2.0
-- A host in LuaJIT, which reads ecsengine.cdef as it is installed: a task from its adding to its end, with pulled operations.
-- ECSENGINE_LIB is the library, ECSENGINE_CDEF the declarations.
local ffi = require("ffi")

local file = assert(io.open(assert(os.getenv("ECSENGINE_CDEF"))))
ffi.cdef(file:read("*a"))
file:close()
local lib = ffi.load(assert(os.getenv("ECSENGINE_LIB")))

local SECOND = 1000000000LL
local TURNS_MAX = 1000
local WALL_AT_START = 1700000000LL * SECOND
local ARN = "arn:aws:ecs:eu-central-1:123456789012:task/default/0123456789abcdef"
local TASK = [[{"taskArn": "]] .. ARN .. [[", "family": "counter", "revision": 1, "containerDefinitions": [
    {"name": "web", "image": "example/web:1", "memory": 64, "cpu": 10, "essential": true}]}]]

local function call(fn, ...)
    local err = ffi.new("ecsengine_error *[1]")
    local args = {...}
    args[select("#", ...) + 1] = err
    local code = fn(unpack(args, 1, select("#", ...) + 1))
    if code < 0 then
        local text = ffi.string(lib.ecsengine_error_message(err[0]))
        lib.ecsengine_error_free(err[0])
        error(code .. ": " .. text, 2)
    end
end

local config = ffi.new("ecsengine_config *[1]")
call(lib.ecsengine_config_new, config)
call(lib.ecsengine_config_set, config[0], "event-ack", "auto")
local ok, refusal = pcall(call, lib.ecsengine_config_set, config[0], "event-ack", "perhaps")
assert(not ok and refusal:find("perhaps"), "a bad value is refused, and named: " .. tostring(refusal))

local engine_out = ffi.new("ecsengine *[1]")
call(lib.ecsengine_new, config[0], nil, engine_out)
lib.ecsengine_config_free(config[0])
local engine = engine_out[0]

local performed, running = {}, false

local function perform(op)
    local kind = lib.ecsengine_op_get_kind(op)
    performed[ffi.string(lib.ecsengine_op_kind_name(kind))] = true
    if kind == ffi.C.ECSENGINE_OP_CANCEL then
        lib.ecsengine_op_release(op)
        return
    end
    local out = ffi.new("ecsengine_result *[1]")
    call(lib.ecsengine_result_new, op, out)
    local result = out[0]
    if kind == ffi.C.ECSENGINE_OP_INFO then
        lib.ecsengine_result_set_cpus(result, 4)
        lib.ecsengine_result_set_memory_mib(result, 8192)
    elseif kind == ffi.C.ECSENGINE_OP_PULL_MANIFEST then
        lib.ecsengine_result_set_digest(result, "sha256:" .. ("0"):rep(64), "application/vnd.oci.image.manifest.v1+json")
    elseif kind == ffi.C.ECSENGINE_OP_INSPECT_IMAGE then
        lib.ecsengine_result_set_image_id(result, "sha256:" .. ("1"):rep(64))
    elseif kind == ffi.C.ECSENGINE_OP_CREATE then
        lib.ecsengine_result_set_container_id(result, "c0ffee")
    elseif kind == ffi.C.ECSENGINE_OP_START or kind == ffi.C.ECSENGINE_OP_STOP or kind == ffi.C.ECSENGINE_OP_INSPECT then
        if kind ~= ffi.C.ECSENGINE_OP_INSPECT then
            running = kind == ffi.C.ECSENGINE_OP_START
        end
        lib.ecsengine_result_set_container_id(result, "c0ffee")
        lib.ecsengine_result_set_running(result, running and 1 or 0)
        lib.ecsengine_result_set_started_at(result, WALL_AT_START)
        if not running then
            lib.ecsengine_result_set_exit_code(result, 143)
        end
    end
    call(lib.ecsengine_op_complete, op, result)
end

local now = 0LL

local function run_until(wanted)
    local found = false
    for _ = 1, TURNS_MAX do
        local busy = false
        call(lib.ecsengine_dispatch, engine, now, WALL_AT_START + now)
        local op = lib.ecsengine_next_op(engine)
        while op ~= nil do
            perform(op)
            busy = true
            op = lib.ecsengine_next_op(engine)
        end
        local event = lib.ecsengine_next_event(engine)
        while event ~= nil do
            local name = ffi.string(lib.ecsengine_event_kind_name(lib.ecsengine_event_get_kind(event)))
            found = found or name .. " " .. ffi.string(lib.ecsengine_event_status(event)) == wanted
            lib.ecsengine_event_free(event)
            busy = true
            event = lib.ecsengine_next_event(engine)
        end
        if found then
            return
        end
        if not busy then
            local due = lib.ecsengine_deadline_ns(engine)
            now = due > now and due or now
            if now > 600 * SECOND then
                break
            end
        end
    end
    error(wanted .. " never came")
end

local command = ffi.new("uint64_t[1]")
call(lib.ecsengine_task_add, engine, TASK, #TASK, command)
run_until("task RUNNING")
assert(performed.create and performed.start, "the container was made and started")
call(lib.ecsengine_task_stop, engine, ARN, command)
run_until("task STOPPED")
assert(performed.stop, "the container was stopped")
assert(lib.ecsengine_free(engine) == 0)
