import MCPTransport

/// Small servers on standard input and output that misbehave when they are asked to.
enum AdaptedPrograms {
    /// A server of 2025-11-25. It records each line that it reads in a file, if one is named.
    static func legacy(_ arguments: String...) -> MCPCommand {
        MCPCommand("python3", arguments: ["-u", "-c", legacyProgram] + arguments)
    }

    /// A server of 2026-07-28.
    static func modern(_ arguments: String...) -> MCPCommand {
        MCPCommand("python3", arguments: ["-u", "-c", modernProgram] + arguments)
    }

    private static let common = """
        import atexit, json, os, signal, subprocess, sys, threading, time

        lock = threading.Lock()
        def write(message):
            with lock:
                sys.stdout.write(json.dumps(message, separators=(",", ":")) + "\\n")
                sys.stdout.flush()
        def answer(id, result):
            write({"jsonrpc": "2.0", "id": id, "result": result})
        def refuse(id, code, message):
            write({"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": message}})
        def say(id, text):
            answer(id, {"content": [{"type": "text", "text": text}]})
        def notify(method, params):
            write({"jsonrpc": "2.0", "method": method, "params": params})
        record = open(sys.argv[1], "ab", buffering=0) if len(sys.argv) > 1 else None
        calls, cancelled, asked = 0, [], {}
        def messages():
            for line in sys.stdin.buffer:
                if record: record.write(line)
                yield json.loads(line)
        """

    private static let legacyProgram =
        common + "\n" + """
            for message in messages():
                method, id, params = message.get("method"), message.get("id"), message.get("params") or {}
                if method == "initialize":
                    answer(id, {"protocolVersion": params["protocolVersion"], "serverInfo": {"name": "old", "version": "1"},
                        "capabilities": {"tools": {"listChanged": True}, "logging": {},
                            "resources": {"subscribe": True, "listChanged": True}}, "instructions": "Be kind."})
                elif method == "tools/list":
                    answer(id, {"tools": [{"name": "echo", "inputSchema": {"type": "object"}}]})
                elif method == "resources/read":
                    refuse(id, -32002, "Resource not found")
                elif method == "resources/subscribe":
                    answer(id, {})
                    notify("notifications/resources/updated", {"uri": params["uri"]})
                elif method in ("resources/unsubscribe", "logging/setLevel"):
                    answer(id, {})
                elif method == "notifications/cancelled":
                    cancelled.append(params["requestId"])
                elif method == "tools/call":
                    name, arguments = params["name"], params.get("arguments") or {}
                    calls += 1
                    if name == "echo": say(id, json.dumps(arguments))
                    elif name == "meta": say(id, json.dumps(params.get("_meta")))
                    elif name == "count": say(id, str(calls))
                    elif name == "pid": say(id, str(os.getpid()))
                    elif name == "directory": say(id, os.getcwd())
                    elif name == "cancelled": say(id, json.dumps(cancelled))
                    elif name == "wait": pass
                    elif name == "progress":
                        for step in range(3):
                            notify("notifications/progress",
                                {"progressToken": params["_meta"]["progressToken"], "progress": step + 1})
                        say(id, "done")
                    elif name == "log":
                        print(arguments["text"], file=sys.stderr, flush=True)
                        say(id, "logged")
                    elif name == "noise":
                        sys.stdout.write("this is not a message\\n")
                        say(id, "still here")
                    elif name == "crash": os._exit(3)
                    elif name == "kill": os.kill(os.getpid(), signal.SIGKILL)
                    elif name == "long":
                        sys.stdout.write("x" * arguments["bytes"] + "\\n")
                        sys.stdout.flush()
                    elif name == "stubborn":
                        signal.signal(signal.SIGTERM, signal.SIG_IGN)
                        say(id, str(os.getpid()))
                        threading.Thread(target=time.sleep, args=(60,)).start()
                    elif name == "farewell":
                        def farewell():
                            time.sleep(0.2)
                            open(arguments["path"], "w").write("goodbye")
                        atexit.register(farewell)
                        say(id, "later")
                    elif name == "child":
                        child = subprocess.Popen(["sleep", "60"])
                        say(id, str(child.pid))
                    elif name == "flood":
                        for number in range(arguments["messages"]):
                            notify("notifications/message", {"level": "info", "data": str(number) + "x" * 1000})
                        say(id, "flooded")
                    elif name == "changed":
                        notify("notifications/tools/list_changed", {})
                        say(id, "changed")
                    elif name == "ask":
                        asked["q"] = id
                        write({"jsonrpc": "2.0", "id": "q", "method": "elicitation/create", "params":
                            {"message": "Name?", "requestedSchema": {"type": "object", "properties": {}}}})
                    elif name == "ask-later":
                        say(id, "later")
                        asked["q"] = None
                        write({"jsonrpc": "2.0", "id": "q", "method": "roots/list"})
                    else: refuse(id, -32602, "Unknown tool")
                elif method is None and id == "q":
                    if asked["q"] is None: print("answer", json.dumps(message), file=sys.stderr, flush=True)
                    else: say(asked["q"], json.dumps(message.get("result") or message.get("error")))
                elif id is not None:
                    refuse(id, -32601, "Method not found")
            """

    private static let modernProgram =
        common + "\n" + """
            KEY = "io.modelcontextprotocol/"
            for message in messages():
                method, id, params = message.get("method"), message.get("id"), message.get("params") or {}
                meta = params.get("_meta") or {}
                if method is None: continue
                if method == "notifications/cancelled":
                    cancelled.append(params["requestId"])
                elif id is None: continue
                elif method == "initialize" or meta.get(KEY + "protocolVersion") != "2026-07-28":
                    refuse(id, -32601, "Method not found")
                elif method == "server/discover":
                    answer(id, {"resultType": "complete", "supportedVersions": ["2026-07-28"], "ttlMs": 1000,
                        "cacheScope": "public", "capabilities": {"tools": {"listChanged": True}},
                        "_meta": {KEY + "serverInfo": {"name": "new", "version": "2"}}})
                elif method == "tools/list":
                    answer(id, {"resultType": "complete", "ttlMs": 5000, "cacheScope": "public", "tools": [
                        {"name": "region", "inputSchema": {"type": "object", "properties":
                            {"region": {"type": "string", "x-mcp-header": "Region"}}}}]})
                elif method == "subscriptions/listen":
                    notify("notifications/subscriptions/acknowledged",
                        {"notifications": params["notifications"], "_meta": {KEY + "subscriptionId": id}})
                    notify("notifications/tools/list_changed", {"_meta": {KEY + "subscriptionId": id}})
                elif method == "tools/call":
                    name, arguments = params["name"], params.get("arguments") or {}
                    def complete(text):
                        answer(id, {"resultType": "complete", "content": [{"type": "text", "text": text}]})
                    if name == "meta": complete(json.dumps(meta))
                    elif name == "cancelled": complete(json.dumps(cancelled))
                    elif name == "wait": pass
                    elif name == "region": complete(arguments.get("region", ""))
                    elif name == "progress":
                        for step in range(3):
                            notify("notifications/progress", {"progressToken": meta["progressToken"], "progress": step + 1})
                        complete("done")
                    elif name == "ask":
                        if "inputResponses" in params:
                            complete(json.dumps([params["inputResponses"], params["requestState"]]))
                        else:
                            answer(id, {"resultType": "input_required", "requestState": "s7", "inputRequests": {"name":
                                {"method": "elicitation/create", "params": {"message": "Name?",
                                    "requestedSchema": {"type": "object", "properties": {}}}}}})
                    else: refuse(id, -32602, "Unknown tool")
                else: refuse(id, -32601, "Method not found")
            """
}
