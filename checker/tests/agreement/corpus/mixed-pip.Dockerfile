FROM python:3.13
RUN pip install --upgrade pip && pip install "flask>=3" 'django[all]==5.0'
RUN pip install -e . git+https://example.com/x@v1
RUN pip install --no-cache-dir -U setuptools
RUN uv pip install flask && pipx install black
