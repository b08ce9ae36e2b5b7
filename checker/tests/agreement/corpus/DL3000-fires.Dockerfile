FROM python:3.13-slim
WORKDIR app
CMD ["python", "main.py"]
