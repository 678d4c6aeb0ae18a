# Build:       docker build --tag ghcr.io/seaworthy-dev/seaworthy:0.1.0 .
# Both CPUs:   docker buildx build --platform linux/amd64,linux/arm64 .
#
# The builder runs on the target's own architecture (emulated, where it is not the machine's): on Alpine the host is musl
# already, so that no cross compiler is needed. Its version is the one of rust-toolchain.toml, which stays outside
# (.dockerignore), or rustup would fetch another toolchain with clippy and rustfmt.
FROM docker.io/library/rust:1.95.0-alpine AS build
ARG TARGETARCH
# ring and mimalloc have C in them (and ring assembly); everything else is Rust.
RUN apk add --no-cache gcc musl-dev
WORKDIR /src
COPY Cargo.toml Cargo.lock ./
COPY src ./src
COPY crds ./crds
# A member of the workspace: cargo reads its manifest, though nothing of it is built.
COPY e2e ./e2e
# crt-static is musl's default today; said here, because an image from scratch has no loader to fall back on.
# TARGETARCH is empty with a builder that does not set it: then the machine's own.
RUN --mount=type=cache,target=/usr/local/cargo/registry,sharing=locked \
    --mount=type=cache,target=/src/target,id=seaworthy-target-${TARGETARCH},sharing=locked \
    set -eu; \
    case "${TARGETARCH:-$(uname -m)}" in \
      amd64|x86_64) target=x86_64-unknown-linux-musl ;; \
      arm64|aarch64) target=aarch64-unknown-linux-musl ;; \
      *) echo "no build for TARGETARCH=${TARGETARCH}: amd64 and arm64 only" >&2; exit 1 ;; \
    esac; \
    export "CC_$(echo "$target" | tr - _)=gcc" RUSTFLAGS="-C target-feature=+crt-static"; \
    cargo build --release --locked --package seaworthy --bin seaworthy --target "$target"; \
    install -m 0755 "target/$target/release/seaworthy" /seaworthy; \
    if readelf --dynamic /seaworthy | grep NEEDED; then echo "not a static binary" >&2; exit 1; fi

# Nothing but the program: no shell, no package manager, no certificates (the API server's CA comes with the
# ServiceAccount's token), no files that could be out of date.
FROM scratch
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="seaworthy" \
      org.opencontainers.image.description="Tells a platform team, at any moment, whether each Kubernetes workload is ready for production, and why not." \
      org.opencontainers.image.url="https://github.com/seaworthy-dev/seaworthy" \
      org.opencontainers.image.source="https://github.com/seaworthy-dev/seaworthy" \
      org.opencontainers.image.documentation="https://github.com/seaworthy-dev/seaworthy#readme" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.vendor="Seaworthy" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY LICENSE /LICENSE
COPY --from=build /seaworthy /seaworthy
# By number: runAsNonRoot cannot judge a name, and there is no /etc/passwd to look one up in.
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["/seaworthy"]
CMD ["controller"]
