FROM python:3.13-slim
RUN pip install --no-cache-dir flask==3.0.0
RUN --mount=type=cache,target=/root/.cache/pip pip install flask==3.0.0
