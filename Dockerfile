# One static binary, nothing else. Built by `tools/container-image`, which lays out `root/`.
FROM scratch
COPY --chown=65532:65532 root/ /
USER 65532:65532
# The certificate authority, made at start: mount this volume where clients can read it.
VOLUME ["/ca"]
EXPOSE 8443 8080
HEALTHCHECK --interval=500ms --timeout=3s --start-period=5s --retries=5 \
    CMD ["/identity-emulator", "health"]
ENTRYPOINT ["/identity-emulator"]
# Inside its own network namespace every address is the container's; publish on loopback only.
CMD ["serve", "--https", "0.0.0.0:8443", "--http", "0.0.0.0:8080", "--ca-dir", "/ca"]
