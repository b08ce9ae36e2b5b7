# The real node with the packages that the exercises install in npm's cache, so that builds need no internet.
ARG BASE
FROM ${BASE}
RUN npm cache add ms@2.1.3 --cache /opt/npm-cache
ENV npm_config_cache=/opt/npm-cache
ENV npm_config_offline=true
