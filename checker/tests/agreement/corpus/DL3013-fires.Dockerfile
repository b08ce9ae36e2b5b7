FROM python:3.13-slim
RUN pip install --no-cache-dir flask requests
RUN python -m pip install --no-cache-dir django
