import { Header } from '../app/header';
export function CamerasPage(_: { cameraId: string; tab: string }) {
  return <Header title="Cameras" />;
}
