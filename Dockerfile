# iPatent with what it takes to run on Qdrant, S3 and PostgreSQL. It keeps nothing outside /data and /tmp,
# so the root of the container may be read-only.
FROM python:3.12-slim AS build
WORKDIR /build
COPY pyproject.toml README.md LICENSE ./
COPY src ./src
RUN python -m venv /opt/ipatent \
    && /opt/ipatent/bin/pip install --no-cache-dir --no-compile ".[clusters,ocr,otel,postgres,qdrant]"

FROM python:3.12-slim
RUN useradd --uid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin ipatent \
    && mkdir /data && chown ipatent:ipatent /data
COPY --from=build /opt/ipatent /opt/ipatent
ENV PATH=/opt/ipatent/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    IPATENT_DATA=/data \
    IPATENT_HOST=0.0.0.0 \
    IPATENT_LOG_FORMAT=json
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=90s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
ENTRYPOINT ["ipatent"]
CMD ["serve"]
