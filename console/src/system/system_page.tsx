import { Header } from '../app/header';
export function SystemPage(_: { tab: string }) {
  return <Header title="System" />;
}
