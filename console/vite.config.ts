import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// Everything comes from the gateway's own origin under a CSP without inline script or style, so
// nothing may be inlined. AISLEWATCH_GATEWAY is where `npm run dev` sends /api.
export default defineConfig({
  plugins: [react()],
  build: {
    outDir: process.env.AISLEWATCH_CONSOLE_OUT ?? '../build/console',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
  },
  server: {
    proxy: { '/api': process.env.AISLEWATCH_GATEWAY ?? 'http://127.0.0.1:8480' },
  },
});
