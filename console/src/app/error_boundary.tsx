// A fault in one page leaves the rest of the console usable.
import { Component, type ReactNode } from 'react';
import { Failed } from '../ui/states';

export class ErrorBoundary extends Component<{ children: ReactNode }, { error?: unknown }> {
  override state: { error?: unknown } = {};

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    if (this.state.error === undefined) return this.props.children;
    return <Failed error={this.state.error} retry={() => this.setState({ error: undefined })} />;
  }
}
