"""The index for programs that talk to a model: blog-mcp, and /llms.txt on blog-web."""
