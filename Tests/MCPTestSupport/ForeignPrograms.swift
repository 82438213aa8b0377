/// Programs for Python that use the demonstration with the clients of others.
package enum ForeignPrograms {
    /// The official SDK. Arguments: `legacy`, `auto` or a version, the URL, and what is
    /// different: `refused` if the server cannot ask the client, `quiet` if it logs only what was asked for.
    package static let mcp = """
        import asyncio, sys
        import mcp_types as types
        from mcp import Client

        async def fails(call, code):
            try:
                await call
            except Exception as error:
                assert error.error.code == code, error
            else:
                raise AssertionError("no error")

        async def run(mode, url, asks, quiet):
            progress, logs = [], []
            async def on_progress(value, total, message):
                progress.append(value)
            async def on_log(params):
                logs.append(params.data)
            async def elicit(context, params):
                field = list(params.requested_schema["properties"])[0]
                return types.ElicitResult(action="accept", content={field: {"name": "Ada", "color": "blue"}[field]})
            legacy = mode == "legacy"
            async with Client(
                url, mode=mode, logging_callback=on_log, elicitation_callback=elicit, read_timeout_seconds=20
            ) as client:
                assert client.protocol_version == ("2025-11-25" if legacy else "2026-07-28")
                # With a fixed version the client does not ask.
                assert mode == "2026-07-28" or client.server_info.name == "demo"
                names = [tool.name for tool in (await client.list_tools()).tools]
                assert names == ["add", "echo", "count", "region", "ask", "fail", "wait"], names
                assert (await client.call_tool("add", {"a": 1, "b": 2.5})).structured_content == {"sum": 3.5}
                await client.call_tool("count", {"to": 4}, progress_callback=on_progress)
                assert progress == [1, 2, 3, 4], progress
                assert len(logs) == (4 if legacy and not quiet else 0), logs
                for region in ["eu-west", "Z\\u00fcrich", " x ", "=?base64?eA==?="]:
                    result = await client.call_tool("region", {"region": region})
                    assert result.structured_content == {"said": region}, result
                if asks:
                    assert (await client.call_tool("ask", {})).structured_content == {"said": "Ada likes blue"}
                else:
                    try:
                        assert (await client.call_tool("ask", {})).is_error
                    except Exception as error:
                        assert "does not support elicitation" in error.error.message, error
                assert (await client.call_tool("fail", {})).is_error
                await fails(client.call_tool("nothing", {}), -32602)
                assert [prompt.name for prompt in (await client.list_prompts()).prompts] == ["greet", "summary"]
                prompt = await client.get_prompt("greet", {"name": "Bob"})
                assert prompt.messages[0].content.text == "Say hello to Bob."
                assert [str(resource.uri) for resource in (await client.list_resources()).resources] == ["memo://readme"]
                assert len((await client.list_resource_templates()).resource_templates) == 1
                assert (await client.read_resource("memo://notes/7")).contents[0].text == "Note 7."
                await fails(client.read_resource("memo://notes/77"), -32002 if legacy else -32602)
                done = await client.complete(types.PromptReference(name="greet"), {"name": "name", "value": "A"})
                assert done.completion.values == ["Ada", "Alan"]
                if legacy:
                    await client.send_ping()
                    await client.set_logging_level("error")
                    await client.subscribe_resource("memo://readme")
                    await client.unsubscribe_resource("memo://readme")
                else:
                    async with client.listen(tools_list_changed=True):
                        pass
                results = await asyncio.gather(*[client.call_tool("add", {"a": n, "b": 1}) for n in range(50)])
                assert [result.structured_content["sum"] for result in results] == [n + 1 for n in range(50)]
            print("ok", mode)

        asyncio.run(run(sys.argv[1], sys.argv[2], "refused" not in sys.argv[3:], "quiet" in sys.argv[3:]))
        """

    /// FastMCP. Arguments: `legacy` or `auto`, and the URL.
    package static let fastmcp = """
        import asyncio, sys
        from fastmcp import Client

        async def run(mode, url):
            progress = []
            async def on_progress(value, total, message):
                progress.append(value)
            async def elicit(message, response_type, params, context):
                field = list(params.requested_schema["properties"])[0]
                return {field: {"name": "Ada", "color": "blue"}[field]}
            async with Client(
                url, mode=mode, progress_handler=on_progress, elicitation_handler=elicit, timeout=20
            ) as client:
                assert [tool.name for tool in await client.list_tools()][:3] == ["add", "echo", "count"]
                assert (await client.call_tool("add", {"a": 1, "b": 2})).structured_content == {"sum": 3}
                await client.call_tool("count", {"to": 3})
                assert progress == [1, 2, 3], progress
                assert (await client.call_tool("ask", {})).structured_content == {"said": "Ada likes blue"}
                assert (await client.call_tool("fail", {}, raise_on_error=False)).is_error
                assert (await client.get_prompt("greet", {"name": "Bob"})).messages[0].content.text == "Say hello to Bob."
                assert (await client.read_resource("memo://notes/7"))[0].text == "Note 7."
                assert len(await client.list_resource_templates()) == 1
            print("ok", mode)

        asyncio.run(run(sys.argv[1], sys.argv[2]))
        """
}
