# One image for every role: the command says which. Needs MongoDB and Redis beside it (compose.yml).

FROM node:24-bookworm-slim AS build
WORKDIR /app
# Packages first: this layer is kept as long as the lock file is.
COPY package.json package-lock.json ./
COPY setup/ setup/
RUN node --input-type=module -e "(await import('/app/setup/steps.mjs')).packages()"
COPY . .
RUN npm run build && npm prune --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:24-bookworm-slim
# The font draws Chinese words into pictures; fontconfig lets sharp find it.
RUN apt-get update \
 && apt-get install -y --no-install-recommends fontconfig fonts-noto-cjk \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules/ node_modules/
COPY --from=build /app/dist/ dist/
# A named volume takes owner and mode from here.
RUN install -d -o node -g node -m 700 /data
ENV NODE_ENV=production LIANFA_DATA=/data LIANFA_HOST=0.0.0.0
VOLUME /data
EXPOSE 8080
USER node
# The same nursery that a desk gives its roles (cli/supervisor.ts).
ENTRYPOINT ["node", "--max-semi-space-size=64", "--heap-growing-percent=30", "dist/cli/main.js"]
CMD ["start", "--role", "server"]
