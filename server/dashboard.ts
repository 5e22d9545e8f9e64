/** The built dashboard: files with a hash in their name for ever, everything else is the page. */
import express, { Router } from 'express';
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';

/** The folder that the build writes, seen from the sources and from the built program alike. */
export function dashboardFolder(): string {
  const root = join(import.meta.dirname, '..');
  return basename(root) === 'dist' ? join(root, 'dashboard') : join(root, 'dist/dashboard');
}

/** `unsafe-inline` is for styles only: previews are shown in frames that inherit this policy, and are styled inline. */
const policy = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "frame-src 'self' blob: data:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

export function dashboard(folder: string): Router {
  const router = Router();
  const page = join(folder, 'index.html');
  router.use(
    '/assets',
    express.static(join(folder, 'assets'), { immutable: true, maxAge: '1y', index: false, redirect: false }),
  );
  router.use(express.static(folder, { index: false, redirect: false, maxAge: 0 }));
  router.get('/{*path}', (request, response, next) => {
    if (/^\/(api|callbacks|assets)(\/|$)/.test(request.path) || !request.accepts('html')) {
      next();
      return;
    }
    response.set({ 'Content-Security-Policy': policy, 'Cache-Control': 'no-cache' });
    if (existsSync(page)) response.sendFile(page);
    else
      response
        .status(503)
        .type('html')
        .send(
          '<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>联发</title><p>界面尚未构建，请运行 <code>npm run build</code>。</p><p lang="en">The dashboard is not built yet: run <code>npm run build</code>.</p></html>',
        );
  });
  return router;
}
