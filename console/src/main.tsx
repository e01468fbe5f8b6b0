import { createRoot } from 'react-dom/client';
import { App } from './app/app';
import './styles/base.css';
import './styles/shell.css';
import './styles/live.css';
import './styles/incidents.css';
import './styles/cameras.css';
import './styles/insights.css';
import './styles/system.css';

createRoot(document.getElementById('root')!).render(<App />);
