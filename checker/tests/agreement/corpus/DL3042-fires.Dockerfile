FROM python:3.13-slim
RUN pip install flask==3.0.0
RUN pip3 install -r requirements.txt
RUN python3 -m pip install flask==3.0.0
