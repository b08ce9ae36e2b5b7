FROM debian:12 AS one
COPY a b* /dst
COPY ["with space", "other", "/dst"]
ADD a.tar.xz b.txt /dst/
COPY --chown=1:1 --chmod=755 a ./b
COPY --from=2 /x /y
FROM debian:12
COPY --from=one / /
COPY --from=nginx:1.29 /a /b
COPY --link a C:\x
