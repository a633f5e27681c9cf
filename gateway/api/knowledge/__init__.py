"""`/v1/files` and `/v1/vector_stores`: the company's own documents, for programs that know OpenAI's."""
