# The real python:3.11-slim with the wheels that the exercises install, so that learners' builds need no internet.
ARG BASE
FROM ${BASE}
RUN pip download --no-cache-dir --disable-pip-version-check --dest /opt/wheels uvicorn==0.17.6
ENV PIP_NO_INDEX=1
ENV PIP_FIND_LINKS=/opt/wheels
