FROM debian:12
CMD ["a"]
RUN ls
CMD ["b"]
CMD ["c"]
